/** The PostgreSQL servers that the store is tested on: the embedded one, and Debian's 15 as LOVELY_DATABASE_URL. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { cleanUpOnSignal } from '../clean-up-on-signal.ts';
import { createLog } from '../log.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded.ts';
import { openStore, type Store } from './store.ts';
import { fillFromTemplate } from './test-template.ts';

export interface TestDatabases extends AsyncDisposable {
  /** A fresh, migrated database of its own. */
  open(): Promise<Store>;
  /** The URL of an empty database. */
  createEmpty(): Promise<string>;
}

/** The database that the others are copies of. */
const MIGRATED = 'migrated';

/** Databases that live for one test are made ten times faster in memory; a run of all tests has its folder there anyway. */
const FAST_FOLDER = existsSync('/dev/shm') && !tmpdir().startsWith('/dev/shm/') ? '/dev/shm' : tmpdir();

export const DEBIAN_BINARIES = '/usr/lib/postgresql/15/bin';

/** Each kind of server that the SQL here is tested on. */
export const TEST_DATABASES: readonly {
  readonly name: string;
  readonly isInstalled: boolean;
  start(): Promise<TestDatabases>;
}[] = [
  { name: 'the embedded PostgreSQL', isInstalled: true, start: startEmbeddedDatabases },
  {
    name: "Debian's PostgreSQL 15",
    isInstalled: existsSync(`${DEBIAN_BINARIES}/postgres`),
    start: startDebianDatabases,
  },
];

export async function startEmbeddedDatabases(): Promise<TestDatabases> {
  const directory = await mkdtemp(join(FAST_FOLDER, 'lovely-store-'));
  const ended = new AbortController();
  const starting = startFromTemplate(directory, ended.signal);
  const stop = stopOnce(async () => {
    ended.abort();
    await (await starting.catch(() => undefined))?.close();
    await rm(directory, { recursive: true, force: true });
  });
  return await databasesOf((await starting).url, stop);
}

async function startFromTemplate(directory: string, signal: AbortSignal): Promise<EmbeddedPostgres> {
  await chmod(directory, 0o711);
  const dataDir = join(directory, 'postgres');
  await fillFromTemplate('postgres', dataDir, makeMigratedCluster);
  return await startEmbeddedPostgres({ dataDir, durable: false, signal });
}

/** Once, and that by a signal at the latest. */
function stopOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopped: Promise<void> | undefined;
  const forget = cleanUpOnSignal(() => once());
  const once = (): Promise<void> => (stopped ??= stop().finally(forget));
  return once;
}

async function makeMigratedCluster(dataDir: string): Promise<void> {
  await using server = await startEmbeddedPostgres({ dataDir, durable: false });
  await (await databasesOf(server.url, () => Promise.resolve()))[Symbol.asyncDispose]();
}

/** PostgreSQL refuses to run as root, so root runs it as Debian's user for it. */
const AS_DEBIAN = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

export async function startDebianDatabases(): Promise<TestDatabases> {
  const directory = await mkdtemp(join(FAST_FOLDER, 'lovely-debian-'));
  await chmod(directory, 0o711);
  const data = join(directory, 'data');
  await fillFromTemplate('debian', data, makeDebianCluster);
  const { url, stop } = await startDebianPostgres(data, directory);
  return await databasesOf(url, stop);
}

/** Migrated once, as that of the embedded PostgreSQL. */
async function makeDebianCluster(data: string): Promise<void> {
  await mkdir(data, { mode: 0o700 });
  if (AS_DEBIAN.length > 0) await Bun.$`chown postgres ${data}`.quiet();
  await Bun.$`${AS_DEBIAN} ${DEBIAN_BINARIES}/initdb -D ${data} -U lovely --auth=trust --encoding=UTF8 --locale=C --no-sync`
    .cwd('/')
    .quiet();
  const { url, stop } = await startDebianPostgres(data);
  await (await databasesOf(url, stop))[Symbol.asyncDispose]();
}

/** `stop` removes the folder too, where one is given. */
async function startDebianPostgres(
  data: string,
  folder?: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const port = await freePort();
  const command = [`${DEBIAN_BINARIES}/postgres`, '-D', data, '-p', String(port), '-h', '127.0.0.1'];
  const server = Bun.spawn([...AS_DEBIAN, ...command, '-k', '', '-c', 'fsync=off'], {
    cwd: '/',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  const stop = stopOnce(async () => {
    server.kill('SIGINT');
    await server.exited;
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  const url = `postgres://lovely@127.0.0.1:${port}/postgres`;
  await untilItAnswers(url);
  return { url, stop };
}

/** Databases of one server: the first is migrated once, the others are copies of it. */
async function databasesOf(url: string, stop: () => Promise<void>): Promise<TestDatabases> {
  const admin = new pg.Client({ connectionString: url });
  // A server that a signal ends, ends its sessions.
  admin.on('error', () => undefined);
  await admin.connect();
  const stores: Store[] = [];
  const log = createLog('silent');
  const urlOf = (name: string): string => {
    const at = new URL(url);
    at.pathname = `/${name}`;
    return at.href;
  };
  const create = async (template = ''): Promise<string> => {
    const name = `test_${randomBytes(6).toString('hex')}`;
    await admin.query(`create database ${name} ${template} strategy file_copy`);
    return urlOf(name);
  };
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [MIGRATED]);
  if (rowCount === 0) {
    await admin.query(`create database ${MIGRATED}`);
    await (await openStore(urlOf(MIGRATED), log)).close();
  }
  return {
    createEmpty: () => create(),
    async open() {
      const store = await openStore(await create(`template ${MIGRATED}`), log);
      stores.push(store);
      return store;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stores.map((store) => store.close()));
      await admin.end();
      await stop();
    },
  };
}

async function untilItAnswers(url: string): Promise<void> {
  const deadlineMs = Date.now() + 20_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await Bun.sleep(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

/** Reads what is stored, past the server. */
export const PostgresClient = pg.Client;
export type PostgresClient = pg.Client;
