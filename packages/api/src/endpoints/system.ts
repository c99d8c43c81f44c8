/** The system itself. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

export const getSystem = endpoint({
  method: 'GET',
  path: '/api/v1/system',
  summary: 'Where gateways reach this system, and its version',
  access: 'person',
  params: z.object({}),
  query: z.object({}),
  body: z.undefined(),
  result: z.object({
    /** The https origin for gateways and tools. */
    publicUrl: z.string(),
    version: z.string(),
  }),
  status: 200,
});
