import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test';
import { createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from 'bun';
import { removeTemporaryFolders, temporaryFolder } from '../test/folder.ts';
import { openKeys } from './keys.ts';

const RENEWER = join(import.meta.dir, '../test/key-renewer.ts');

/** As the server does it: one key is accepted, and a new one that it vouches for takes its place. */
class KeyServer {
  accepted: string | undefined;
  /** An older server knows nothing of new keys: they wait for somebody. */
  isOld = false;
  requests = 0;
  readonly #server: Server<undefined> = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: async (request) => this.#answer(await request.bytes(), request.headers),
  });

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }

  #answer(body: Uint8Array, headers: Headers): Response {
    this.requests++;
    const { pubkey } = JSON.parse(new TextDecoder().decode(body)) as { pubkey: string };
    const isSignedBy = (key: string, header: string): boolean =>
      verify(null, body, createPublicKey(key), Buffer.from(headers.get(header) ?? '', 'base64'));
    if (!isSignedBy(pubkey, 'x-men-signature')) return Response.json({ error: 'bad signature' }, { status: 401 });
    this.accepted ??= pubkey;
    if (!this.isOld && isSignedBy(this.accepted, 'x-lovely-previous-signature')) this.accepted = pubkey;
    return pubkey === this.accepted ? new Response('token') : Response.json({ error: 'pending' }, { status: 401 });
  }
}

let server: KeyServer;
let folder: string;
beforeEach(() => {
  server = new KeyServer();
  folder = temporaryFolder();
});
afterEach(async () => {
  await server.stop();
});
afterAll(removeTemporaryFolders);

function start(dieAt?: string): Bun.Subprocess<'ignore', 'pipe', 'inherit'> {
  const args = dieAt === undefined ? [] : [dieAt];
  return Bun.spawn([process.execPath, RENEWER, folder, server.url, ...args], { stdin: 'ignore', stdout: 'pipe' });
}

/** A client that starts gets a token, with the key that the server knows, and leaves no second key behind. */
async function expectJoins(): Promise<void> {
  const child = start();
  const printed = (await new Response(child.stdout).text()).trim();
  expect(await child.exited).toBe(0);
  const { current } = openKeys(folder, 'sn-1');
  expect(printed).toBe(current.fingerprint);
  expect(server.accepted).toBe(current.publicKey);
  expect(existsSync(join(folder, 'key.next.pem'))).toBe(false);
}

test('a renewed key takes the old one’s place on disk and at the server', async () => {
  const before = openKeys(folder, 'sn-1').current;
  expect(await start('never').exited).toBe(0);
  expect(server.accepted).not.toBe(before.publicKey);
  await expectJoins();
});

for (const step of ['after the new key is written', 'before the request', 'before the answer is read', 'after all'])
  test(`killed ${step}, the client joins again`, async () => {
    const child = start(step);
    await child.exited;
    expect(child.signalCode).toBe('SIGKILL');
    await expectJoins();
  });

test('a next key that was written by half is none', async () => {
  openKeys(folder, 'sn-1');
  writeFileSync(join(folder, 'key.next.pem.new'), '-----BEGIN PRIV');
  await expectJoins();
  expect(await start('never').exited).toBe(0);
  await expectJoins();
});

test('killed at any moment, again and again, the client joins again', async () => {
  await expectJoins();
  for (let round = 0; round < 12; round++) {
    const asked = server.requests;
    const child = start('never');
    // From when it has asked for its first token on: what comes then is the renewal.
    while (server.requests === asked && child.exitCode === null) await Bun.sleep(1);
    await Bun.sleep(Math.random() * 8);
    child.kill('SIGKILL');
    await child.exited;
    await expectJoins();
  }
}, 60_000);

test('where the server takes no new keys, the old one stays', async () => {
  await expectJoins();
  const before = readFileSync(join(folder, 'key.pem'), 'utf8');
  server.isOld = true;
  expect(await start('never').exited).toBe(0);
  expect(readFileSync(join(folder, 'key.pem'), 'utf8')).toBe(before);
  await expectJoins();
});

test('the age of a key is that of its file', () => {
  const keys = openKeys(folder, 'sn-1');
  expect(keys.ageMs()).toBeLessThan(60_000);
  const yearAgo = new Date(Date.now() - 365 * 24 * 3600_000);
  utimesSync(join(folder, 'key.pem'), yearAgo, yearAgo);
  expect(keys.ageMs()).toBeGreaterThan(364 * 24 * 3600_000);
});
