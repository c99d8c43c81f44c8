import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config.ts';
import { openListeners, type Listeners } from './listeners.ts';
import { ensureLocalTls } from './tls/local-ca.ts';

let folder: string;
let given: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-listeners-'));
  const { cert, key } = await ensureLocalTls({ dataDir: folder, hosts: ['lovely.example.com'] });
  await Bun.write(join(folder, 'given.crt'), cert);
  await Bun.write(join(folder, 'given.key'), key);
  given = { LOVELY_TLS_CERT: join(folder, 'given.crt'), LOVELY_TLS_KEY: join(folder, 'given.key') };
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Answers with who asked; the URL of TLS and that of plain HTTP. */
async function open(env: Record<string, string>): Promise<{ listeners: Listeners; secure: string; plain: string }> {
  const config = loadConfig([], { LOVELY_LISTEN: '127.0.0.1:0', LOVELY_HTTP_LISTEN: '127.0.0.1:0', ...env }, folder);
  const listeners = await openListeners(config, (_request, caller) => Promise.resolve(Response.json(caller)));
  const secure = `https://127.0.0.1:${listeners.config.listen.port}`;
  return { listeners, secure, plain: listeners.localUrl!.replace('localhost', '127.0.0.1') };
}

const get = (url: string, headers: Record<string, string> = {}) =>
  fetch(url, { headers, tls: { rejectUnauthorized: false } });

test('browsers are told to stay with TLS only where a certificate and a name of the internet were given', async () => {
  const cases: [Record<string, string>, boolean][] = [
    [{ ...given, LOVELY_PUBLIC_URL: 'https://lovely.example.com' }, true],
    [{ LOVELY_PUBLIC_URL: 'https://lovely.example.com' }, false],
    [given, false],
    [{ ...given, LOVELY_PUBLIC_URL: 'https://192.0.2.1' }, false],
    [{ ...given, LOVELY_PUBLIC_URL: 'https://[2001:db8::1]:8443' }, false],
  ];
  for (const [env, isStrict] of cases) {
    const { listeners, secure, plain } = await open(env);
    expect((await get(secure)).headers.has('strict-transport-security')).toBe(isStrict);
    expect((await get(plain)).headers.has('strict-transport-security')).toBe(false);
    await listeners.close();
  }
});

test('every answer says that it is no page, unless it is one', async () => {
  const { listeners, secure } = await open({});
  const { headers } = await get(secure);
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  await listeners.close();
});

test('a proxy of ours says who the caller is, and nobody else may', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' };
  const trusting = await open({ LOVELY_TRUSTED_PROXIES: '127.0.0.0/8' });
  expect(await (await get(trusting.secure, forwarded)).json()).toEqual({ address: '198.51.100.7', isForwarded: true });
  await trusting.listeners.close();
  const other = await open({ LOVELY_TRUSTED_PROXIES: '10.0.0.0/8' });
  expect(await (await get(other.secure, forwarded)).json()).toEqual({ address: '127.0.0.1', isForwarded: true });
  await other.listeners.close();
});
