/** The system itself. */
import { getSystem } from '@lovely/api';
import { VERSION } from '../version.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeSystem(http: Http, context: ApiContext): void {
  route(http, context, getSystem, () => Promise.resolve({ publicUrl: context.publicUrl, version: VERSION }));
}
