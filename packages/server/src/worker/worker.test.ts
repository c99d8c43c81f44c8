import { expect, test } from 'bun:test';
import { Registry } from 'prom-client';
import { openTestBlobs } from '../blobs/test-blobs.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { HISTORY_RETENTION_DAYS } from '../domain/history.ts';
import { createLog } from '../log.ts';
import { startEmbeddedDatabases } from '../store/test-databases.ts';
import { createTestLinkKeys, createTestSeal } from '../test-keys.ts';
import { startWorker } from './worker.ts';

test('each part of a worker that waits for gateways hears of every gateway that is back', async () => {
  await using databases = await startEmbeddedDatabases();
  const store = await databases.open();
  await using blobs = await openTestBlobs();
  const bus = createMemoryBus({
    onError: (error) => {
      throw error;
    },
  });
  const heard = new Map<string, number>();
  const worker = startWorker({
    bus: {
      healthy: true,
      publish: (subject, data) => bus.publish(subject, data),
      request: (subject, data, options) => bus.request(subject, data, options),
      flush: () => bus.flush(),
      close: () => bus.close(),
      subscribe: (pattern, handler, options) =>
        bus.subscribe(
          pattern,
          (message) => {
            const part = `${pattern} ${options?.queue}`;
            heard.set(part, (heard.get(part) ?? 0) + 1);
            return handler(message);
          },
          options,
        ),
    },
    store,
    seal: createTestSeal(),
    blobs: blobs.blobs,
    spoolDir: blobs.folder,
    log: createLog('silent'),
    registry: new Registry(),
    linkKeys: createTestLinkKeys(),
    offlineAfterMs: 3600_000,
    cloneQuietMs: 3600_000,
    webhooksAllowPrivate: false,
    places: () => undefined,
    historyDays: HISTORY_RETENTION_DAYS,
  });
  const rounds = 3;
  for (let round = 0; round < rounds; round++) {
    publishItems(bus, event(crypto.randomUUID(), 'presence'), [
      { device: crypto.randomUUID(), connected: true, ts: Date.now() },
    ]);
    await bus.flush();
  }
  await worker.close();
  await bus.close();
  // Fix runs, deployments and configurations.
  expect([...heard.values()]).toEqual([rounds, rounds, rounds]);
}, 60_000);
