// The files of the database: made once, whole or not at all.
import { randomBytes } from 'node:crypto';
import { chmod, lchown, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Binaries, useOwnServer } from './binaries.ts';
import { run } from './run.ts';
import { fileOwner, type RunAs } from './run-as.ts';

export interface ClusterOptions {
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly environment: Readonly<Record<string, string>>;
  readonly runAs: RunAs;
  readonly major: number;
  readonly durable: boolean;
  readonly signal: AbortSignal | undefined;
}

export interface Cluster {
  readonly directory: string;
  readonly password: string;
}

export const clusterName = 'cluster';
export const roleName = 'lovely';

/** Makes the cluster in the data directory, or checks the one that is there. */
export async function prepareCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDir, runAs } = options;
  const directory = join(dataDir, clusterName);
  await removeUnfinished(dataDir);
  const saved = await readPassword(dataDir);
  const password = saved ?? randomBytes(24).toString('hex');
  if (await isPresent(directory)) {
    await checkVersion(directory, options.major);
    const owner = fileOwner(runAs);
    if (owner !== undefined && (await stat(directory)).uid !== owner.uid) await giveTo(directory, owner);
    if (saved !== undefined) return { directory, password };
    await runSql(options, directory, [`ALTER ROLE ${roleName} PASSWORD '${password}';`]);
    await savePassword(dataDir, password);
  } else {
    if (saved === undefined) await savePassword(dataDir, password);
    await initialise(options, directory, password);
  }
  return { directory, password };
}

/**
 * The application's role owns its database and nothing else: it is no superuser, so that row-level security holds for it
 * and an injected statement cannot run programs. The superuser has no password, hence no way in over the network.
 */
async function initialise(options: ClusterOptions, directory: string, password: string): Promise<void> {
  const { dataDir, binaries, runAs, environment, signal } = options;
  const owner = fileOwner(runAs);
  const unfinished = join(dataDir, `${unfinishedPrefix}${randomBytes(6).toString('hex')}`);
  await mkdir(unfinished, { mode: 0o700 });
  if (owner !== undefined) await lchown(unfinished, owner.uid, owner.gid);
  const initdb = (...args: string[]) =>
    run({ runAs, file: binaries.initdb, args: ['-D', unfinished, ...args], cwd: unfinished, environment, signal });
  try {
    const settings = Object.entries(initialSettings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const access = ['--username=postgres', '--auth-local=reject', '--auth-host=reject'];
    await initdb(...access, '--encoding=UTF8', '--locale=C', '--no-instructions', '--no-sync', ...settings);
    // Everything is written to disk at once below.
    await runSql({ ...options, durable: false }, unfinished, [
      `CREATE ROLE ${roleName} LOGIN CREATEDB CREATEROLE PASSWORD '${password}';`,
      `CREATE DATABASE ${roleName} OWNER ${roleName};`,
    ]);
    await writeFile(join(unfinished, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
    if (options.durable) await initdb('--sync-only');
    await rename(unfinished, directory);
    await syncDirectory(dataDir);
  } catch (cause) {
    await rm(unfinished, { recursive: true, force: true, maxRetries: 10 });
    signal?.throwIfAborted();
    throw new Error(
      `The embedded PostgreSQL could not make its database in ${directory}. Check the disk's free space and the ` +
        `folder's owner, then start again. ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
}

// Sizes for one small machine. They go to postgresql.conf, where an operator may change them.
const initialSettings = {
  cluster_name: 'lovely',
  shared_buffers: '128MB',
  max_connections: '100',
  min_wal_size: '80MB',
  max_wal_size: '1GB',
  wal_compression: 'on',
  huge_pages: 'off',
  // In files of the cluster: /dev/shm has 64 MB in a container, and logind empties it when the user logs out.
  dynamic_shared_memory_type: 'mmap',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
} as const;

const unfinishedPrefix = `${clusterName}.new-`;

async function removeUnfinished(dataDir: string): Promise<void> {
  const names = (await readdir(dataDir)).filter((name) => name.startsWith(unfinishedPrefix));
  await Promise.all(names.map((name) => rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 10 })));
}

async function isPresent(directory: string): Promise<boolean> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.length > 0;
}

async function checkVersion(directory: string, major: number): Promise<void> {
  const found = await readFile(join(directory, 'PG_VERSION'), 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  );
  if (found === `${major}`) return;
  const aside = `To begin with an empty database, move ${directory} away.`;
  throw new Error(
    found === undefined
      ? `${directory} holds files but no PG_VERSION, so it is no PostgreSQL database or a damaged one. Restore it from a ` +
          `backup. ${aside}`
      : `The database in ${directory} was made by PostgreSQL ${found}, and this release brings PostgreSQL ${major}, which ` +
          `cannot read it. Nothing was changed. Start it with the release that made it, or bring it to version ${major} ` +
          `with pg_upgrade, or with pg_dump of version ${found} and pg_restore. ${useOwnServer} ${aside}`,
  );
}

/** Runs SQL as the superuser while no server runs, in PostgreSQL's single-user mode: one statement a line. */
async function runSql(options: ClusterOptions, directory: string, lines: readonly string[]): Promise<void> {
  // An error must end the run, and must not repeat a statement that holds a password.
  const settings = [
    '-c',
    'exit_on_error=on',
    '-c',
    'log_min_error_statement=panic',
    '-c',
    `fsync=${options.durable ? 'on' : 'off'}`,
  ];
  await run({
    runAs: options.runAs,
    file: options.binaries.postgres,
    args: ['--single', ...settings, '-D', directory, 'postgres'],
    cwd: directory,
    environment: options.environment,
    input: `${lines.join('\n')}\n`,
    signal: options.signal,
  });
}

async function giveTo(path: string, owner: { uid: number; gid: number }): Promise<void> {
  const entries = await readdir(path, { recursive: true });
  for (const entry of ['.', ...entries]) await lchown(join(path, entry), owner.uid, owner.gid);
}

export async function readPassword(dataDir: string): Promise<string | undefined> {
  const path = join(dataDir, 'password');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new Error(`${path} cannot be read. Start as its owner, or give the data directory to the user that starts.`, {
      cause: error,
    });
  });
  if (!/^[0-9a-f]{32,}\n$/.test(text)) return undefined;
  await chmod(path, 0o600);
  return text.trim();
}

async function savePassword(dataDir: string, password: string): Promise<void> {
  const file = await open(join(dataDir, 'password'), 'w', 0o600);
  try {
    await file.chmod(0o600);
    await file.writeFile(`${password}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dataDir);
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
