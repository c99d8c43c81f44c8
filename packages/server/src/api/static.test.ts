import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveStatic } from './static.ts';

const PAGE = '<!doctype html><title>page</title>';
let parent: string;
let directory: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'lovely-static-'));
  directory = join(parent, 'dist');
  await mkdir(join(directory, 'assets'), { recursive: true });
  await Bun.write(join(directory, 'index.html'), PAGE);
  await Bun.write(join(directory, 'assets/app-4f2a.js'), 'console.log(1);');
  await Bun.write(join(directory, 'favicon.svg'), '<svg/>');
  await Bun.write(join(parent, 'secret.txt'), 'secret');
});
afterAll(async () => {
  await rm(parent, { recursive: true });
});

const get = (path: string) => serveStatic(directory, path);

test('a hashed file is kept for ever, the page is asked for again', async () => {
  const asset = await get('/assets/app-4f2a.js');
  expect(await asset.text()).toBe('console.log(1);');
  expect(asset.headers.get('content-type')).toContain('javascript');
  expect(asset.headers.get('cache-control')).toContain('immutable');
  for (const path of ['/', '/index.html', '/favicon.svg'])
    expect((await get(path)).headers.get('cache-control')).toBe('no-cache');
});

test('every page of the application is the one page', async () => {
  for (const path of ['/', '/devices', '/devices/5b0e9e5c-6c0e-4a0e-8d5b-0d8f8f1f9a11/terminal', '/setup', '/assets'])
    expect(await (await get(path)).text()).toBe(PAGE);
});

test('an unknown file is not found, so that an old page does not run HTML for a script', async () => {
  for (const path of ['/assets/app-0000.js', '/robots.txt', '/a/b.css']) expect((await get(path)).status).toBe(404);
});

test('no path leaves the folder', async () => {
  const ways = [
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%2e%2e%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/....//secret.txt',
    '//secret.txt',
    '/%00/../secret.txt',
    '/..%252fsecret.txt',
    '/%ff../secret.txt',
    `/${join(parent, 'secret.txt')}`,
  ];
  for (const path of ways) expect(await (await get(path)).text(), path).not.toContain('secret');
});

test('a path that is no text gets an answer, not a crash', async () => {
  for (const path of ['/%', '/%ff', '/%00', '/\0', `/${'a'.repeat(10_000)}`, '/a%00.js'])
    expect([200, 404], path).toContain((await get(path)).status);
});

test('pages may load nothing from elsewhere and be framed by nobody', async () => {
  for (const path of ['/', '/assets/app-4f2a.js', '/no-such.js']) {
    const { headers } = await get(path);
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"])
      expect(policy.split('; ')).toContain(rule);
    expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'|wasm/);
    expect(headers.get('permissions-policy')).toContain('microphone=()');
  }
});

test('without a build there is a sentence that says what to do', async () => {
  const response = await serveStatic(join(parent, 'nowhere'), '/');
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('npm start');
});
