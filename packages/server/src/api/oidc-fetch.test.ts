import { afterAll, beforeAll, expect, test } from 'bun:test';
import { OIDC_ANSWER_BYTES_MAX } from '../limits.ts';
import { createOidcFetch, problemOfOidcUrl } from './oidc-fetch.ts';

const GET = { method: 'GET', headers: {}, body: undefined, redirect: 'manual' } as const;

let server: ReturnType<typeof Bun.serve>;
let asked: string[] = [];
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname } = new URL(request.url);
      asked.push(pathname);
      if (pathname === '/large') return new Response('x'.repeat(OIDC_ANSWER_BYTES_MAX + 1));
      if (pathname === '/away') return Response.redirect('http://169.254.169.254/');
      return Response.json({ host: request.headers.get('host'), body: await request.text() });
    },
  });
});
afterAll(async () => {
  await server.stop(true);
});

const at = (host: string, path = '/'): string => `http://${host}:${server.port}${path}`;

test('addresses of this machine and of private networks are refused, however they are written', async () => {
  const fetch = createOidcFetch(false);
  const port = server.port;
  asked = [];
  for (const url of [
    at('127.0.0.1'),
    `https://127.0.0.1:${port}/`,
    `https://localhost:${port}/`,
    `https://2130706433:${port}/`,
    `https://0x7f.1:${port}/`,
    `https://[::1]:${port}/`,
    `https://[::ffff:127.0.0.1]:${port}/`,
    'https://10.0.0.1/',
    'https://169.254.169.254/latest/meta-data',
    'https://user:password@example.com/',
    'http://example.com/',
    'file:///etc/passwd',
  ])
    expect([url, await fetch(url, GET).then(String, (error: Error) => error.message)]).toEqual([
      url,
      expect.stringMatching(/is not allowed|private network/),
    ]);
  expect(asked).toEqual([]);
});

test('where private addresses are allowed, plain HTTP is for this machine alone', () => {
  expect(problemOfOidcUrl('http://localhost:4000', true)).toBeUndefined();
  expect(problemOfOidcUrl('https://10.0.0.1', true)).toBeUndefined();
  expect(problemOfOidcUrl('http://10.0.0.1', true)).toBeString();
});

test('a request arrives as it was meant', async () => {
  const answer = await createOidcFetch(true)(at('localhost'), {
    ...GET,
    method: 'POST',
    body: new URLSearchParams({ code: 'a b' }),
  });
  expect([answer.status, await answer.json()]).toEqual([200, { host: `localhost:${server.port}`, body: 'code=a+b' }]);
});

test('redirects are not followed, and an answer that is too large is broken off', async () => {
  const fetch = createOidcFetch(true);
  asked = [];
  expect((await fetch(at('127.0.0.1', '/away'), GET)).status).toBe(302);
  expect(asked).toEqual(['/away']);
  expect(await fetch(at('127.0.0.1', '/large'), GET).then(String, (error: Error) => error.message)).toContain(
    'too much',
  );
});
