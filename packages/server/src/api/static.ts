/** Serves the built browser application: hashed files for ever, index.html for every page of it. */
import { join, normalize } from 'node:path';
import { PAGE_HEADERS } from '../security-headers.ts';

/** Longer than any name of ours; far longer ones make the file system complain. */
const PATH_LENGTH_MAX = 1024;
const IMMUTABLE = 'public, max-age=31536000, immutable';

/** Answers a path with a file under `directory`, or with the page itself where no file has that name. */
export async function serveStatic(directory: string, path: string): Promise<Response> {
  const file = Bun.file(join(directory, normalize(`/${decodePath(path)}`)));
  const isFile = path !== '/' && (await file.exists());
  if (!isFile && /\.\w+$/.test(path)) return new Response('Not found.\n', { status: 404, headers: PAGE_HEADERS });
  const page = isFile ? file : Bun.file(join(directory, 'index.html'));
  if (!isFile && !(await page.exists()))
    return new Response('The browser application is not built: run `npm start`, which builds it.\n', {
      status: 503,
      headers: PAGE_HEADERS,
    });
  return new Response(page, {
    headers: { ...PAGE_HEADERS, 'cache-control': isFile && path.startsWith('/assets/') ? IMMUTABLE : 'no-cache' },
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
