/** Keeps the embedded PostgreSQL running: one that dies is started again on the same port, and the pool reconnects. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { findRunningPostgres, startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded.ts';
import { DirectoryInUseError } from './embedded/lock.ts';

const RESTART_FIRST_MS = 200;
const RESTART_MAX_MS = 10_000;

export interface LocalDatabase {
  readonly url: string;
  close(): Promise<void>;
}

/** For a command beside the server: the database of the server that runs, or else our own start of it. */
export async function joinLocalDatabase(dataDir: string, log: Log): Promise<LocalDatabase> {
  try {
    return await startLocalDatabase(dataDir, log);
  } catch (error) {
    const url = error instanceof DirectoryInUseError ? await findRunningPostgres(dataDir) : undefined;
    if (url === undefined) throw error;
    return { url, close: () => Promise.resolve() };
  }
}

export async function startLocalDatabase(dataDir: string, log: Log): Promise<LocalDatabase> {
  const closing = new AbortController();
  const start = (): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir, signal: closing.signal, onLog: (line) => log.debug({ line }, 'postgres') });
  let running = await start();
  const { url } = running;

  /** Until it runs, at the address that everybody knows, or this server stops. */
  async function startStubbornly(): Promise<void> {
    for (let waitMs = RESTART_FIRST_MS; !closing.signal.aborted; waitMs = Math.min(waitMs * 2, RESTART_MAX_MS)) {
      await sleep(waitMs);
      try {
        running = await start();
        if (running.url === url) return;
        await running.close();
        log.error('the port of the embedded PostgreSQL is taken by another program');
      } catch (error) {
        if (!closing.signal.aborted) log.error({ error }, 'PostgreSQL can not be started; it is tried again');
      }
    }
  }

  async function watch(): Promise<void> {
    for (;;) {
      const status = await running.exited;
      if (closing.signal.aborted) return;
      log.error({ status }, 'PostgreSQL stopped by itself; it is started again');
      await running.close().catch(() => undefined);
      await startStubbornly();
      log.info('PostgreSQL runs again');
    }
  }

  const watching = watch();
  return {
    url,
    async close() {
      closing.abort();
      await running.close();
      await watching;
    },
  };
}
