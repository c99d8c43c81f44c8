import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  constants,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { findBinaries, prepareEnvironment } from './binaries.ts';
import { type EmbeddedOptions, type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { run } from './run.ts';

// Making a database takes one second on an idle machine, and many on a crowded one.
setDefaultTimeout(60_000);

const isRoot = process.getuid?.() === 0;
let root: string;
/** One database for all tests that need no fresh one: making and removing a thousand files is slow. */
let shared: string;
let nextFolder = 1;
const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'embedded-postgres-'));
  shared = join(root, 'shared');
  await using first = await startEmbeddedPostgres({ dataDir: shared });
  expect(await query(first, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

test('the database is called lovely, in UTF-8, on loopback, durable', async () => {
  const server = await start({ dataDir: shared });
  expect(server.url).toMatch(/^postgres:\/\/lovely:[0-9a-f]{48}@127\.0\.0\.1:\d+\/lovely$/);
  const rows = await query(
    server,
    `SELECT current_database() AS name, pg_encoding_to_char(encoding) AS encoding, datcollate AS collation,
       current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
       current_setting('full_page_writes') AS pages, current_setting('listen_addresses') AS addresses
     FROM pg_database WHERE datname = current_database()`,
  );
  expect(rows).toEqual([
    {
      name: 'lovely',
      encoding: 'UTF8',
      collation: 'C',
      fsync: 'on',
      commit: 'on',
      pages: 'on',
      addresses: '127.0.0.1',
    },
  ]);
  const pidFile = await readFile(join(shared, 'cluster', 'postmaster.pid'), 'utf8');
  const socketDirectory = pidFile.split('\n')[4];
  expect(socketDirectory).toBe('');
});

test('the role owns its database, may make others, and is no superuser', async () => {
  const server = await start({ dataDir: shared });
  const roles = await query(
    server,
    'SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user',
  );
  expect(roles).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreatedb: true }]);
  await query(server, 'CREATE DATABASE copy TEMPLATE lovely');
  await query(server, 'DROP DATABASE copy WITH (FORCE)');
});

test('without its password nobody gets in, not even the superuser', async () => {
  const server = await start({ dataDir: shared });
  const { port } = new URL(server.url);
  for (const user of ['lovely', 'postgres']) {
    const client = new Client({ host: '127.0.0.1', port: Number(port), user, password: 'guess', database: 'lovely' });
    expect(await failureOf(client.connect())).toContain('password authentication failed');
  }
});

test('a second start keeps data, port and password, and the password file is for its owner only', async () => {
  const first = await start({ dataDir: shared, durable: false });
  await query(first, 'CREATE TABLE kept AS SELECT 1 AS value');
  await first.close();
  const second = await start({ dataDir: shared, durable: false });
  expect(second.url).toBe(first.url);
  expect(await query(second, 'SELECT value FROM kept')).toEqual([{ value: 1 }]);
  expect((await stat(join(shared, 'password'))).mode & 0o777).toBe(0o600);
});

test('durable: false turns fsync off', async () => {
  const server = await start({ dataDir: shared, durable: false });
  expect(await query(server, 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
});

test('close leaves no process, and may be called again', async () => {
  const server = await start({ dataDir: shared });
  expect(await processesIn(shared)).toContain(server.pid);
  await Promise.all([server.close(), server.close()]);
  expect(await processesIn(shared)).toEqual([]);
  expect(await server.exited).toBe(0);
});

test('close does not wait for a session that is busy', async () => {
  const server = await start({ dataDir: shared });
  const busy = failureOf(query(server, 'SELECT pg_sleep(600)'));
  await untilTrue(async () => {
    const rows = await query(server, "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'");
    return rows.length > 0;
  });
  await server.close();
  expect(await busy).toContain('terminat');
});

test('after kill -9 of PostgreSQL the next start has every committed row, though a busy session lives on', async () => {
  const first = await start({ dataDir: shared });
  await query(first, 'CREATE TABLE committed AS SELECT generate_series(1, 1000)');
  // It computes without ever looking whether its server is still there.
  const endless = 'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b';
  const busy = failureOf(query(first, endless));
  await untilTrue(async () => {
    const rows = await query(first, `SELECT 1 FROM pg_stat_activity WHERE query = '${endless}'`);
    return rows.length > 0;
  });
  process.kill(first.pid, 'SIGKILL');
  expect(await first.exited).toBeNull();
  expect(await processesIn(shared)).not.toEqual([]);
  const second = await start({ dataDir: shared });
  expect(await query(second, 'SELECT count(*)::int AS count FROM committed')).toEqual([{ count: 1000 }]);
  expect(await busy).toContain('terminat');
});

test('a start takes over from a launcher that was killed with -9', async () => {
  const launcher = spawnLauncher(shared);
  const [pidLine] = (await once(launcher.stdout!, 'data')) as [Buffer];
  const orphan = Number(pidLine.toString());
  await killHard(launcher);
  expect(await processesIn(shared)).toContain(orphan);
  const server = await start({ dataDir: shared });
  expect(await processesIn(shared)).not.toContain(orphan);
  expect(server.pid).not.toBe(orphan);
  expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a start gets over an initialisation that was killed half-way', async () => {
  const dataDir = emptyFolder();
  const launcher = spawnLauncher(dataDir);
  await untilTrue(async () => (await processesIn(dataDir)).length > 0);
  await killHard(launcher);
  const [unfinished] = (await readdir(dataDir)).filter((name) => name.startsWith('cluster.new-'));
  expect(unfinished).toBeDefined();
  const server = await start({ dataDir, durable: false });
  expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect((await readdir(dataDir)).toSorted()).toEqual(['cluster', 'lock', 'password', 'port']);
});

test('a pid file that names a stranger or a zombie does not stop the start, and the stranger lives', async () => {
  // The shell's child outlives the shell's turning into a program that never collects it.
  const stranger = track(
    spawn('sh', ['-c', 'sleep 600 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const [pidLine] = (await once(stranger.stdout!, 'data')) as [Buffer];
  const zombie = Number(pidLine.toString());
  await untilTrue(async () => (await readFile(`/proc/${stranger.pid}/comm`, 'utf8')) === 'sleep\n');
  process.kill(zombie, 'SIGKILL');
  await untilTrue(async () => (await readFile(`/proc/${zombie}/stat`, 'utf8')).includes(') Z '));
  for (const pid of [stranger.pid, zombie]) {
    const pidFile = join(shared, 'cluster', 'postmaster.pid');
    await writeFile(pidFile, `${pid}\n${join(shared, 'cluster')}\n1700000000\n5432\n\n127.0.0.1\n0 0\nready\n`);
    const server = await start({ dataDir: shared, durable: false });
    expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await server.close();
  }
  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
});

test('a second launcher on the same directory is refused with the pid of the first, which goes on', async () => {
  const server = await start({ dataDir: shared, durable: false });
  expect(await failureOf(start({ dataDir: shared }))).toContain(`in use by another process (pid ${process.pid})`);
  expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a database of another major version is refused untouched, with what to do', async () => {
  const versionFile = join(shared, 'cluster', 'PG_VERSION');
  await writeFile(versionFile, '17\n');
  expect(await failureOf(start({ dataDir: shared }))).toMatch(
    /was made by PostgreSQL 17, .* pg_upgrade, .* LOVELY_DATABASE_URL/,
  );
  expect(await readFile(versionFile, 'utf8')).toBe('17\n');
  await writeFile(versionFile, '18\n');
});

test('a port that a stranger took is replaced by a new one, which is kept', async () => {
  const stranger = createServer();
  await new Promise<void>((resolve) => void stranger.listen(0, '127.0.0.1', resolve));
  const address = stranger.address();
  const taken = typeof address === 'object' && address !== null ? address.port : 0;
  await writeFile(join(shared, 'port'), `${taken}\n`);
  try {
    const server = await start({ dataDir: shared, durable: false });
    const { port } = new URL(server.url);
    expect(Number(port)).not.toBe(taken);
    expect(await readFile(join(shared, 'port'), 'utf8')).toBe(`${port}\n`);
  } finally {
    await new Promise((resolve) => void stranger.close(resolve));
  }
});

test('a lost password is replaced by a new one', async () => {
  const lost = await readFile(join(shared, 'password'), 'utf8');
  await rm(join(shared, 'password'));
  const server = await start({ dataDir: shared, durable: false });
  expect(server.url).not.toContain(lost.trim());
  expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('a server that cannot start says so in its own last words, and leaves the directory free', async () => {
  const settings = join(shared, 'cluster', 'postgresql.conf');
  const good = await readFile(settings, 'utf8');
  await writeFile(settings, `${good}\nshared_buffers = 'plenty'\n`);
  expect(await failureOf(start({ dataDir: shared }))).toMatch(
    /ended while starting.*invalid value for parameter "shared_buffers"/s,
  );
  await writeFile(settings, good);
  await start({ dataDir: shared, durable: false });
});

test('a folder that cannot be used is named in the error', async () => {
  const file = join(root, 'a-file');
  await writeFile(file, '');
  expect(await failureOf(start({ dataDir: join(file, 'postgres') }))).toMatch(
    /cannot use the data directory .*a-file\/postgres: E[A-Z]+: .*LOVELY_DATA_DIR/,
  );
});

test('an aborted start leaves neither a process nor half a database', async () => {
  const dataDir = emptyFolder();
  const abort = new AbortController();
  const starting = start({ dataDir, signal: abort.signal });
  await untilTrue(async () => (await processesIn(dataDir)).length > 0);
  abort.abort(new Error('changed our mind'));
  expect(await failureOf(starting)).toContain('changed our mind');
  await untilTrue(async () => (await processesIn(dataDir)).length === 0);
  expect((await readdir(dataDir)).toSorted()).toEqual(['lock', 'password']);
});

test('links that no install script made are made at start, outside node_modules', async () => {
  const installed = findBinaries();
  const packageDir = join(root, 'package');
  const dataDir = emptyFolder();
  await mkdir(join(packageDir, 'native', 'bin'), { recursive: true });
  await mkdir(join(packageDir, 'native', 'lib'));
  await mkdir(dataDir);
  const libraries = await readdir(join(installed.packageDir, 'native', 'lib'), { withFileTypes: true });
  const files = ['pg-symlinks.json', 'bin/postgres'].concat(
    libraries.filter((entry) => entry.isFile()).map((entry) => `lib/${entry.name}`),
  );
  const place = (folder: string, file: string) => join(folder, 'native', file);
  await Promise.all(
    files.map((file) =>
      copyFile(place(installed.packageDir, file), place(packageDir, file), constants.COPYFILE_FICLONE),
    ),
  );
  const postgres = place(packageDir, 'bin/postgres');
  const binaries = { packageDir, postgres, initdb: place(packageDir, 'bin/initdb') };
  const environment = await prepareEnvironment(binaries, dataDir);
  const version = { runAs: { kind: 'self' }, file: postgres, args: ['--version'] } as const;
  expect(await failureOf(run({ ...version, environment: {} }))).toContain('error while loading shared libraries');
  expect(await run({ ...version, environment })).toContain('(PostgreSQL)');
});

describe.skipIf(!isRoot)('started by root', () => {
  test('PostgreSQL runs as a system user where one can reach the directory', async () => {
    const open = await mkdtemp(join(tmpdir(), 'embedded-postgres-open-'));
    try {
      await chmod(open, 0o755);
      const dataDir = join(open, 'with a space', 'postgres');
      await using server = await startEmbeddedPostgres({ dataDir, durable: false });
      const { uid } = await stat(join(dataDir, 'cluster'));
      expect(uid).not.toBe(0);
      expect((await stat(`/proc/${server.pid}`)).uid).toBe(uid);
    } finally {
      await rm(open, { recursive: true });
    }
  });

  test('PostgreSQL runs in a user namespace, without powers, where only root can reach the directory', async () => {
    const server = await start({ dataDir: shared, durable: false });
    expect((await stat(root)).mode & 0o777).toBe(0o700);
    expect((await stat(join(shared, 'cluster'))).uid).toBe(0);
    expect(await readFile(`/proc/${server.pid}/status`, 'utf8')).toContain('CapEff:\t0000000000000000');
  });
});

async function start(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options);
  servers.push(server);
  return server;
}

function emptyFolder(): string {
  return join(root, `data-${nextFolder++}`);
}

async function query(server: EmbeddedPostgres, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows;
  } finally {
    await client.end().catch(() => {});
  }
}

function track(child: ChildProcess): ChildProcess {
  children.push(child);
  return child;
}

/** A process of its own that starts the server, writes its pid and stays. */
function spawnLauncher(dataDir: string): ChildProcess {
  const module = join(dirname(import.meta.path), 'embedded.ts');
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(module)};
    const server = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)} });
    console.log(server.pid);
    await server.exited;
  `;
  return track(spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] }));
}

function failureOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'it did not fail',
    (error: Error) => error.message,
  );
}

async function killHard(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** Everything that has its working directory below this one: PostgreSQL and what it started. */
async function processesIn(dataDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const inside = await Promise.all(
    pids.map(async (pid) => {
      const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
      return folder.startsWith(`${dataDir}/`);
    }),
  );
  return pids.filter((_, index) => inside[index]);
}

async function untilTrue(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true');
    await delay(10);
  }
}
