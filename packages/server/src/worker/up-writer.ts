/** What the writers of device messages share: read a frame, batch it, store the batch, acknowledge, refuse the bad. */
import {
  controlError,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  ProtocolError,
  type Frame,
} from '@lovely/protocol';
import type { Bus } from '../bus/bus.ts';
import { hubDown, type Up } from '../bus/subjects.ts';
import { ask } from '../bus/topic.ts';
import { ERRORS } from '../errors.ts';
import {
  BATCH_BYTES_MAX,
  BATCH_MESSAGES_MAX,
  BATCH_RETRY_MS,
  BATCH_WAITING_BYTES_MAX,
  BATCH_WAITING_MAX,
  DELIVERY_TIMEOUT_MS,
} from '../limits.ts';
import type { Log } from '../log.ts';
import { isBadInput } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import type { Acks } from './acks.ts';
import { createBatcher } from './batcher.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface WriterParts {
  readonly bus: Bus;
  readonly store: Store;
  readonly log: Log;
  readonly acks: Acks;
  readonly metrics: WorkerMetrics;
}

export interface UpWriter {
  /** Takes a message of a device; it is acknowledged once it is stored. */
  take(message: Up): void;
  close(signal: AbortSignal): Promise<void>;
}

/** A message of a device as a writer stores it. */
export interface Incoming<T> {
  readonly up: Up;
  readonly id: number;
  readonly content: T;
}

/**
 * @param name of the noun, for logs and metrics
 * @param read takes a frame apart, or throws ProtocolError
 * @param store writes a batch and announces what changed; throws what PostgreSQL says
 * @param lingerMs how long the first of a batch may wait for others
 */
export function createUpWriter<T>(
  parts: WriterParts,
  name: string,
  read: (frame: Frame) => { id: number; content: T },
  store: (batch: readonly Incoming<T>[]) => Promise<void>,
  lingerMs = 0,
): UpWriter {
  const { log, acks, metrics } = parts;
  let isFull = false;
  const batcher = createBatcher<Incoming<T>>({
    itemsMax: BATCH_MESSAGES_MAX,
    bytesMax: BATCH_BYTES_MAX,
    waitingMax: BATCH_WAITING_MAX,
    waitingBytesMax: BATCH_WAITING_BYTES_MAX,
    bytesOf: ({ up }) => up.frame.length,
    retryMs: BATCH_RETRY_MS,
    lingerMs,
    isBadInput,
    async store(batch) {
      await store(batch);
      metrics.stored.inc({ noun: name }, batch.length);
      for (const { up, id } of batch) acks.add(up, id);
      acks.flush();
    },
    onRejected: ({ up, id }, error) => refuse(up, id, 'PostgreSQL does not take it', error),
    onRetry: (error) => log.error({ error, noun: name }, 'a batch could not be stored; it is tried again'),
  });

  /** The device sends what is dropped again when no acknowledgement comes; a nack would only add to the load. */
  function add(message: Incoming<T>): void {
    const isTaken = batcher.add(message);
    if (!isTaken) metrics.dropped.inc({ noun: name });
    if (!isTaken && !isFull) log.warn({ noun: name }, 'too much waits to be stored: messages are dropped');
    isFull = !isTaken;
  }

  /** A message that will never be stored is acknowledged, so that the device forgets it, and told why. */
  function refuse(up: Up, id: number | undefined, why: string, error: unknown): void {
    metrics.refused.inc({ noun: name });
    log.warn({ error, noun: name, device: up.device }, `refused a message: ${why}`);
    if (id !== undefined) {
      acks.add(up, id);
      acks.flush();
    }
    const frame = encodeFrame(
      controlError.frame(
        {},
        {
          err: why,
          close: false,
          code: ERRORS['bad-frame'][0],
          reason: 'bad-frame',
          ...(id === undefined ? {} : { msgid: String(id) }),
        },
      ),
    );
    ask(
      parts.bus,
      hubDown(up.hub),
      { device: up.device, epoch: up.epoch, frame },
      { timeoutMs: DELIVERY_TIMEOUT_MS },
    ).catch((failed: unknown) => log.debug({ error: failed, device: up.device }, 'the device could not be told'));
  }

  return {
    take(up) {
      const frame = decodeFrame(up.frame, FRAME_BYTES_MAX_UP);
      try {
        add({ up, ...read(frame) });
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        const { id } = frame.props;
        refuse(
          up,
          typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : undefined,
          error.message,
          undefined,
        );
      }
    },
    close: (signal) => batcher.close(signal),
  };
}
