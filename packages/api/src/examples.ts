/** Examples for the documentation where one that is made from the schema would not read well. */
import type { z } from 'zod';
import type { Endpoint } from './endpoint.ts';
import type { ENDPOINTS, EndpointName } from './endpoints.ts';

export interface ExampleOf<E extends Endpoint> {
  readonly body?: z.input<E['body']>;
  readonly result?: z.output<E['result']>;
}

export const EXAMPLES: { readonly [Name in EndpointName]?: ExampleOf<(typeof ENDPOINTS)[Name]> } = {
  createLogin: { body: { email: 'ada@example.com', password: 'correct horse battery staple' } },
  setAuthSetStatus: { body: { status: 'accepted' } },
};
