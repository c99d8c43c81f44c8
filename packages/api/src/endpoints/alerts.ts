/** Alerts: open and closed problems. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { alert, id } from '../nouns.ts';

export const listAlerts = endpoint({
  method: 'GET',
  path: '/api/v1/alerts',
  summary: 'Alerts, newest first, a page at a time',
  access: 'fleet.read',
  params: z.object({}),
  query: z.object({
    state: z.enum(['open', 'closed']).optional(),
    deviceId: id.optional(),
    rule: z.string().max(128).optional(),
    cursor: z.string().max(200).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: z.undefined(),
  result: z.object({ items: z.array(alert), next: z.string().nullable() }),
  status: 200,
});
