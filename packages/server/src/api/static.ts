/** Serves the built browser application: hashed files for ever, index.html for every page of it. */
import { join, normalize } from 'node:path';

/** Longer than any name of ours; far longer ones make the file system complain. */
const PATH_LENGTH_MAX = 1024;
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** What a browser may do with our pages; docs/decisions/0007-inline-styles.md says why styles may be inline. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const;

/** Answers a path with a file under `directory`, or with the page itself where no file has that name. */
export async function serveStatic(directory: string, path: string): Promise<Response> {
  const file = Bun.file(join(directory, normalize(`/${decodePath(path)}`)));
  const isFile = path !== '/' && (await file.exists());
  if (!isFile && /\.\w+$/.test(path)) return new Response('Not found.\n', { status: 404, headers: SECURITY_HEADERS });
  const page = isFile ? file : Bun.file(join(directory, 'index.html'));
  if (!isFile && !(await page.exists()))
    return new Response('The browser application is not built: run `npm start`, which builds it.\n', {
      status: 503,
      headers: SECURITY_HEADERS,
    });
  return new Response(page, {
    headers: { ...SECURITY_HEADERS, 'cache-control': isFile && path.startsWith('/assets/') ? IMMUTABLE : 'no-cache' },
  });
}

/** The path as a file's name; '' for what can't be one. */
function decodePath(path: string): string {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes('\0') || decoded.length > PATH_LENGTH_MAX ? '' : decoded;
  } catch {
    return '';
  }
}
