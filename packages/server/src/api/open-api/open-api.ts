/** Serves the OpenAPI document; the page that shows it is one of the browser application. */
import { createHash } from 'node:crypto';
import { VERSION } from '../../version.ts';
import type { ApiContext } from '../context.ts';
import { isKnown } from '../preconditions.ts';
import type { Http } from '../route.ts';
import { serveStatic } from '../static.ts';
import { openApiDocument } from './document.ts';

export function routeOpenApi(http: Http, context: ApiContext, uiDirectory: string): void {
  let made: { json: string; tag: string } | undefined;
  const document = () => {
    if (made) return made;
    const json = JSON.stringify(openApiDocument({ publicUrl: context.publicUrl, version: VERSION }));
    return (made = { json, tag: `"${createHash('sha256').update(json).digest('base64url').slice(0, 16)}"` });
  };

  // Says nothing about anybody: what is in it is in the sources, too.
  http.get('/api/openapi.json', (c) => {
    context.limits.countStranger(c.req.raw, c.env.address);
    const { json, tag } = document();
    const headers = { etag: tag, 'cache-control': 'no-cache', 'content-type': 'application/json' };
    return isKnown(c.req.raw, tag) ? c.body(null, 304, headers) : c.body(json, 200, headers);
  });

  http.get('/api/docs', () => serveStatic(uiDirectory, '/'));
}
