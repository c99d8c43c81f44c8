// The port PostgreSQL listens on: kept from start to start, so that people's tools find it again.
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';

export const host = '127.0.0.1';

export async function readSavedPort(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'port'), 'utf8').catch(() => '');
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

export async function savePort(dataDir: string, port: number): Promise<void> {
  await writeFile(join(dataDir, 'port'), `${port}\n`);
}

/** A port that is free now. Somebody may take it before PostgreSQL does: the caller then asks again. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
