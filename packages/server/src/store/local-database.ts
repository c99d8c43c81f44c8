/** Keeps the embedded PostgreSQL running: one that dies is started again on the same port, and the pool reconnects. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded/embedded.ts';

const RESTART_AFTER_MS = 200;

export interface LocalDatabase {
  readonly url: string;
  close(): Promise<void>;
}

export async function startLocalDatabase(dataDir: string, log: Log): Promise<LocalDatabase> {
  const closing = new AbortController();
  const start = (): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir, signal: closing.signal, onLog: (line) => log.debug({ line }, 'postgres') });
  let running = await start();
  const { url } = running;

  async function watch(): Promise<void> {
    for (;;) {
      const status = await running.exited;
      if (closing.signal.aborted) return;
      log.error({ status }, 'PostgreSQL stopped by itself; it is started again');
      await sleep(RESTART_AFTER_MS);
      await running.close().catch(() => undefined);
      running = await start();
      if (running.url !== url)
        throw new Error('The port of the embedded PostgreSQL was taken by another program while it was down.');
      log.info('PostgreSQL runs again');
    }
  }

  const watching = watch().catch((error: unknown) => {
    if (!closing.signal.aborted) log.fatal({ error }, 'PostgreSQL can not be started again: restart this server');
  });
  return {
    url,
    async close() {
      closing.abort();
      await running.close();
      await watching;
    },
  };
}
