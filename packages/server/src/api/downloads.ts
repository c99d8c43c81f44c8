/**
 * Contents of artifacts: for devices by signed links, for people by their sign-in. Always with Content-Length, never chunked,
 * compressed or redirected, as Mender's clients need it: the body is a file of this machine, which the web server sends by
 * itself, no faster than the other side reads (docs/decisions/0019-downloads-are-files.md).
 */
import { PATHS } from '@lovely/api';
import { isRangeOf, readRange } from '../domain/byte-range.ts';
import { readDownloadPath } from '../download-links.ts';
import { LovelyError } from '../errors.ts';
import { findContent, isAccepted, type ArtifactContent } from '../store/artifacts.ts';
import type { ApiContext } from './context.ts';
import { requirePerson } from './guard.ts';
import type { Http } from './route.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function routeDownloads(http: Http, context: ApiContext): void {
  const { blobs, linkKeys, limits, store } = context;

  async function send(request: Request, content: ArtifactContent | undefined): Promise<Response> {
    if (!content) throw new LovelyError('not-found');
    const { name, sha256, bytes, createdAt } = content;
    const etag = `"${sha256}"`;
    const headers: Record<string, string> = {
      'content-type': 'application/vnd.mender-artifact',
      'content-disposition': `attachment; filename="${fileName(name)}"`,
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-transform, max-age=31536000, immutable',
      'last-modified': createdAt.toUTCString(),
      etag,
    };
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
    const range = isRangeOf(request.headers.get('if-range'), etag)
      ? readRange(request.headers.get('range'), bytes)
      : undefined;
    if (range === 'none')
      return new Response(null, { status: 416, headers: { ...headers, 'content-range': `bytes */${bytes}` } });
    const { start, end } = range ?? { start: 0, end: bytes };
    if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${bytes}`;
    const status = range ? 206 : 200;
    if (request.method === 'HEAD')
      return new Response(null, { status, headers: { ...headers, 'content-length': String(end - start) } });
    const path = await blobs.localPath(sha256);
    if (path === undefined) throw new Error(`The content ${sha256} of an artifact is gone.`);
    return new Response(Bun.file(path).slice(start, end), { status, headers });
  }

  http.get(PATHS.deviceArtifact.replace('{id}', ':id'), async (c) => {
    const { raw: request, url } = c.req;
    const { tenantId, artifactId, deviceId } = await readDownloadPath(linkKeys, new URL(url)).catch(
      (error: unknown) => {
        limits.countStranger(request, c.env.address);
        throw error;
      },
    );
    limits.countDevice(request, deviceId ?? artifactId);
    if (deviceId !== undefined && !(await isAccepted(store.database, tenantId, deviceId)))
      throw new LovelyError('bad-download-link', 'The device is not accepted any more.');
    return await send(request, await findContent(store.database, tenantId, artifactId));
  });

  http.get(PATHS.artifactContent.replace('{id}', ':id'), async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const id = c.req.param('id')!;
    return await send(c.req.raw, UUID.test(id) ? await findContent(person.database, person.tenantId, id) : undefined);
  });
}

/** Nothing that could end the text, or lead into a folder. */
function fileName(name: string): string {
  return `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').replace(/^[.-]+/, '') || 'artifact'}.mender`;
}
