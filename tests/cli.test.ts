/** The command line against a real server, as a process of its own. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createToken } from '@lovely/api';
import { ADMIN, TestServer } from './harness/server.ts';

const MAIN = new URL('../packages/cli/src/main.ts', import.meta.url).pathname;

let server: TestServer;
let home: string;
beforeAll(async () => {
  server = await TestServer.start();
  home = await mkdtemp(join(tmpdir(), 'lovely-cli-'));
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(home, { recursive: true });
});

async function lovely(words: readonly string[], env: Record<string, string> = {}) {
  const child = Bun.spawn([process.execPath, MAIN, ...words], {
    env: { HOME: home, LOVELY_CA: server.caFile, ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, complaint, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out: out.trimEnd(), complaint: complaint.trimEnd(), status };
}

test('somebody signs in, works, and signs out', async () => {
  expect(await lovely(['list-devices'])).toMatchObject({
    status: 2,
    complaint: expect.stringContaining('lovely login'),
  });
  const signedIn = await lovely(['login', server.url, ADMIN.email], { LOVELY_PASSWORD: ADMIN.password });
  expect(signedIn).toMatchObject({ status: 0, out: `Signed in to ${server.url} as ${ADMIN.email}.` });
  const kept = join(home, '.config/lovely/session.json');
  expect((await stat(kept)).mode & 0o777).toBe(0o600);

  const made = await lovely(['create-group', 'name=North', '--json']);
  expect(JSON.parse(made.out)).toMatchObject({ name: 'North', kind: 'static' });
  const filter = '{"all":[{"scope":"identity","attribute":"status","type":"$eq","value":"accepted"}]}';
  expect((await lovely(['create-group', 'name=Accepted', `filter=${filter}`])).status).toBe(0);
  const list = await lovely(['list-groups']);
  expect(list.out.split('\n').map((line) => line.split(/\s{2,}/)[1])).toEqual(['name', 'Accepted', 'North']);

  expect((await lovely(['logout'])).status).toBe(0);
  expect((await lovely(['list-groups'])).status).toBe(2);
});

test('a program works with an access token and gets a status that tells how it went', async () => {
  const { secret } = (await server.call(createToken, {
    body: { name: 'cli', expiresInDays: 1, permissions: ['fleet.read'] },
  })) as { secret: string };
  const as = { LOVELY_SERVER: server.url, LOVELY_TOKEN: secret };
  expect(await lovely(['list-devices'], as)).toMatchObject({ status: 0, out: 'There are none.' });
  const refused = await lovely(['create-group', 'name=South'], as);
  expect(refused).toMatchObject({ status: 1, complaint: expect.stringContaining('not-allowed') });
});

test('what is mistyped is told with what there is', async () => {
  const as = { LOVELY_SERVER: server.url, LOVELY_TOKEN: 'none' };
  expect(await lovely(['list-device'], as)).toMatchObject({
    status: 2,
    complaint: expect.stringContaining('list-devices'),
  });
  expect(await lovely(['list-devices', 'stauts=accepted'], as)).toMatchObject({
    status: 2,
    complaint: expect.stringContaining('it takes status'),
  });
  expect(await lovely(['list-devices', 'status=glad'], as)).toMatchObject({ status: 2 });
  expect((await lovely(['help'])).out).toContain('list-devices');
  expect((await lovely(['help', 'list-devices'])).out).toContain('fleet.read');
});
