/** What all roles of a process share: the store, the bus, the blobs, and the keys of tokens. */
import { join } from 'node:path';
import { openBlobs } from './blobs/open.ts';
import { prepareSpool } from './blobs/spool.ts';
import type { Blobs } from './blobs/blobs.ts';
import type { Bus } from './bus/bus.ts';
import { createMemoryBus } from './bus/memory.ts';
import { connectNats } from './bus/nats.ts';
import type { Config } from './config.ts';
import { openKeyRings, type KeyRings } from './store/key-ring.ts';
import { NATS_START_TIMEOUT_MS } from './limits.ts';
import type { Log } from './log.ts';
import type { Readiness } from './operations.ts';
import { makePrivate } from './private-files.ts';
import { createSeal, type Seal } from './seal.ts';
import { startLocalDatabase } from './store/local-database.ts';
import { openStore, type Store } from './store/store.ts';
import { ensureFirstTenant } from './store/tenants.ts';
import { createTokens, type Tokens } from './tokens.ts';

export interface Parts {
  readonly store: Store;
  readonly bus: Bus;
  readonly blobs: Blobs;
  readonly keys: KeyRings;
  readonly tokens: Tokens;
  /** For secrets that go into a table and are read again. */
  readonly seal: Seal;
  /** The tenant that devices join and the first administrator belongs to. */
  readonly firstTenantId: string;
  /** Each part that must answer before traffic is welcome. */
  readonly readiness: readonly Readiness[];
}

/** A blob that nobody stored: looking for it shows whether the place answers. */
const NO_BLOB = '0'.repeat(64);

/** Opens them in order; `stack` closes them in reverse. */
export async function openParts(config: Config, log: Log, stack: AsyncDisposableStack): Promise<Parts> {
  await makePrivate(config.dataDir, log);
  const databaseUrl =
    config.databaseUrl ?? (await defer(stack, startLocalDatabase(join(config.dataDir, 'postgres'), log))).url;
  const store = await defer(stack, openStore(databaseUrl, log));
  const firstTenant = await ensureFirstTenant(store.database);
  const keys = await openKeyRings(store.database);
  const tokens = createTokens(keys.signing);
  const seal = createSeal(keys.sealing);
  const bus = await defer(stack, openBus(config, log));
  await prepareSpool(join(config.dataDir, 'spool'));
  const blobs = await openBlobs(config.blobsUrl, config.dataDir);
  const readiness: Readiness[] = [
    { name: 'database', check: () => store.ping() },
    {
      name: 'bus',
      check: () => (bus.healthy ? Promise.resolve() : Promise.reject(new Error('the bus is not connected'))),
    },
    { name: 'blobs', check: async () => void (await blobs.find(NO_BLOB)) },
  ];
  return { store, bus, blobs, keys, tokens, seal, firstTenantId: firstTenant.id, readiness };
}

/** Waits for a part and has it closed when the stack is disposed of. */
export async function defer<T extends { close(): Promise<void> }>(
  stack: AsyncDisposableStack,
  starting: T | Promise<T>,
): Promise<T> {
  const part = await starting;
  stack.defer(() => part.close());
  return part;
}

async function openBus({ natsUrl }: Config, log: Log): Promise<Bus> {
  const onError = (error: unknown, subject: string): void =>
    log.error({ error, subject }, 'a message of the bus could not be handled');
  if (natsUrl === undefined) return createMemoryBus({ onError });
  const signal = AbortSignal.timeout(NATS_START_TIMEOUT_MS);
  return await connectNats({ url: natsUrl, name: 'lovely-smart-system', signal, onError });
}
