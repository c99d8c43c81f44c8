/** All contracts at once, for what is made of them: the OpenAPI document, the command line, attacks. Pages don't need it. */
export { ENDPOINTS, NOUNS } from './endpoints.ts';
export type { EndpointName } from './endpoints.ts';
export { EXAMPLES } from './examples.ts';
export type { ExampleOf } from './examples.ts';
