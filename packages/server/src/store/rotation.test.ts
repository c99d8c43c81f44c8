import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import { decodeProtectedHeader } from 'jose';
import { sql } from 'kysely';
import { makeDownloadPath, readDownloadPath } from '../download-links.ts';
import { openKeyRings, type KeyRings } from './key-ring.ts';
import { KEY_AGE_DAYS_MAX } from '../limits.ts';
import { createLog } from '../log.ts';
import { rotateLinkKey, rotateSealingKey, rotateSigningKey, voidTokens } from './rotation.ts';
import { createSeal, type Seal } from '../seal.ts';
import { DOWNLOAD_LINK_MS_MAX } from '../software-limits.ts';
import { startEmbeddedDatabases, type TestDatabases } from './test-databases.ts';
import type { Store } from './store.ts';
import type { SealedColumn } from './sealed.ts';
import { createTokens, type Tokens } from '../tokens.ts';
import { createKeyKeeper } from './key-keeper.ts';

const log = createLog('silent');
const SECRETS: SealedColumn = { table: 'secrets', column: 'sealed', key: 'id', purpose: (id) => `test/${id}` };

/** What one process knows. */
interface Process {
  keys: KeyRings;
  tokens: Tokens;
  seal: Seal;
  keep: () => Promise<void>;
}

let databases: TestDatabases;
let store: Store;
let processes: [Process, Process];

beforeAll(async () => {
  databases = await startEmbeddedDatabases();
}, 60_000);
afterAll(async () => await databases[Symbol.asyncDispose]());

beforeEach(async () => {
  store = await databases.open();
  await sql`create table secrets (id uuid primary key, sealed text)`.execute(store.database);
  const open = async (): Promise<Process> => {
    const keys = await openKeyRings(store.database);
    const seal = createSeal(keys.sealing);
    return {
      keys,
      tokens: createTokens(keys.signing),
      seal,
      keep: createKeyKeeper(store, seal, log, [SECRETS]),
    };
  };
  processes = [await open(), await open()];
});

/** Lets so much time pass for the keys. */
async function pass(seconds: number): Promise<void> {
  await sql`update keys set created_at = created_at - make_interval(secs => ${seconds}),
    used_from = used_from - make_interval(secs => ${seconds}),
    retires_at = retires_at - make_interval(secs => ${seconds}),
    voided_at = voided_at - make_interval(secs => ${seconds})`.execute(store.database);
  for (const { keys } of processes) await keys.refresh();
}

async function countKeys(): Promise<number> {
  const { rows } = await sql`select id from keys`.execute(store.database);
  return rows.length;
}

const user = { tenantId: randomUUID(), userId: randomUUID(), loginId: randomUUID() };
const device = { tenantId: randomUUID(), deviceId: randomUUID(), authSetId: randomUUID() };
const keyOf = (token: string): string => decodeProtectedHeader(token).kid!;
const isAccepted = async (process: Process, token: string): Promise<boolean> =>
  await process.tokens.verifyUser(token).then(
    () => true,
    () => false,
  );

describe('a rotated signing key', () => {
  test('is used a minute later, by all processes, and tokens of the old one live on until their end', async () => {
    const [one, other] = processes;
    const before = await one.tokens.signUser(user);
    const { id } = await rotateSigningKey(store.database);
    await pass(0);
    expect(keyOf(await one.tokens.signUser(user))).toBe(keyOf(before));
    await pass(61);
    const [after, fromOther] = [await one.tokens.signUser(user), await other.tokens.signUser(user)];
    expect([keyOf(after), keyOf(fromOther)]).toEqual([id, id]);
    for (const process of processes)
      for (const token of [before, after, fromOther]) expect(await isAccepted(process, token)).toBe(true);
    await pass(12 * 3600 + 500);
    expect(await isAccepted(one, before)).toBe(true);
    await pass(200);
    expect(await isAccepted(one, before)).toBe(false);
    expect(await isAccepted(one, after)).toBe(true);
    await one.keep();
    // One that signs, one that seals, and one for links.
    expect(await countKeys()).toBe(3);
  });

  test('is accepted by a process that has not read the keys again', async () => {
    const [one, other] = processes;
    await rotateSigningKey(store.database);
    await sql`update keys set used_from = now() where used_from > now()`.execute(store.database);
    await one.keys.refresh();
    expect(await isAccepted(other, await one.tokens.signUser(user))).toBe(true);
  });

  test('is made once, however many ask at the same time', async () => {
    const rotations = await Promise.all([1, 2, 3].map(() => rotateSigningKey(store.database)));
    expect(new Set(rotations.map(({ id }) => id)).size).toBe(1);
    expect(rotations.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  test('comes by itself when the old one has its age', async () => {
    const [one] = processes;
    const [signing, sealing] = [one.keys.signing.current().id, one.keys.sealing.current().id];
    await pass((KEY_AGE_DAYS_MAX - 1) * 24 * 3600);
    await one.keep();
    expect(await countKeys()).toBe(3);
    await pass(2 * 24 * 3600);
    await one.keep();
    await one.keep();
    expect(await countKeys()).toBe(6);
    await pass(61);
    expect(one.keys.signing.current().id).not.toBe(signing);
    expect(one.keys.sealing.current().id).not.toBe(sealing);
  });
});

test('a link to download works behind a new key for as long as links do, and no longer', async () => {
  const [one, other] = processes;
  const artifactId = randomUUID();
  const make = (): URL => {
    const grant = { tenantId: randomUUID(), artifactId, expiresAtMs: Date.now() + DOWNLOAD_LINK_MS_MAX };
    return new URL(makeDownloadPath(one.keys.link, grant), 'https://localhost');
  };
  const isGood = (link: URL): Promise<boolean> =>
    readDownloadPath(other.keys.link, link).then(
      (grant) => grant.artifactId === artifactId,
      () => false,
    );
  const before = make();
  await rotateLinkKey(store.database);
  await pass(61);
  const after = make();
  expect(after.searchParams.get('key')).not.toBe(before.searchParams.get('key'));
  expect([await isGood(before), await isGood(after)]).toEqual([true, true]);
  await pass(DOWNLOAD_LINK_MS_MAX / 1000);
  await one.keep();
  await pass(0);
  expect([await isGood(before), await isGood(after)]).toEqual([false, true]);
});

describe('void at once', () => {
  test('are all tokens, and the keys are remembered for as long as a connection could have come by them', async () => {
    const [one, other] = processes;
    const before = await one.tokens.signDevice(device);
    const { keyId } = await one.tokens.verifyDevice(before);
    const id = await voidTokens(store.database);
    expect(await one.keys.refresh()).toEqual([keyId]);
    expect(await one.tokens.verifyDevice(before).catch(() => 'refused')).toBe('refused');
    // The other one has not heard of it yet.
    const after = await one.tokens.signUser(user);
    expect(keyOf(after)).toBe(id);
    expect(await isAccepted(other, after)).toBe(true);
    const { rows } = await sql<{ secret: string }>`select secret from keys where id = ${keyId}`.execute(store.database);
    expect(rows[0]?.secret).toBe('');
    await pass(13 * 3600);
    await one.keep();
    expect(await one.keys.refresh()).toEqual([]);
  });
});

describe('a rotated sealing key', () => {
  const read = async (id: string): Promise<string> => {
    const { rows } = await sql<{ sealed: string }>`select sealed from secrets where id = ${id}`.execute(store.database);
    return rows[0]!.sealed;
  };

  test('seals everything again, and the old one goes when nothing needs it', async () => {
    const [one, other] = processes;
    const ids = Array.from({ length: 600 }, () => randomUUID());
    const sealed = ids.map((id) => one.seal.seal(SECRETS.purpose(id), `secret of ${id}`));
    await sql`insert into secrets select * from unnest(${ids}::uuid[], ${sealed}::text[])`.execute(store.database);
    const old = one.keys.sealing.current().id;
    const { id: fresh } = await rotateSealingKey(store.database);
    await pass(61);
    while (one.keys.sealing.find(old)) {
      expect(other.seal.open(SECRETS.purpose(ids[0]!), await read(ids[0]!))).toBe(`secret of ${ids[0]}`);
      await pass(13 * 3600);
      await one.keep();
      await pass(0);
    }
    for (const id of ids.slice(0, 50)) {
      expect(await read(id)).toStartWith(`${fresh}.`);
      expect(other.seal.open(SECRETS.purpose(id), await read(id))).toBe(`secret of ${id}`);
    }
  });

  test('leaves a secret alone that somebody changed meanwhile', async () => {
    const [one, other] = processes;
    const id = randomUUID();
    await sql`insert into secrets values (${id}, ${one.seal.seal(SECRETS.purpose(id), 'old')})`.execute(store.database);
    await rotateSealingKey(store.database);
    await pass(61);
    const newest = other.seal.seal(SECRETS.purpose(id), 'new');
    await Promise.all([
      one.keep(),
      sql`update secrets set sealed = ${newest} where id = ${id}`.execute(store.database),
    ]);
    await one.keep();
    expect(other.seal.open(SECRETS.purpose(id), await read(id))).toBe('new');
  });
});
