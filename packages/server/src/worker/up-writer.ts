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
import { ERRORS, type ErrorCode } from '../errors.ts';
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
  /** Takes messages of devices; each is acknowledged once it is stored. */
  take(messages: readonly Up[]): void;
  close(signal: AbortSignal): Promise<void>;
}

/** A message of a device as a writer stores it. */
export interface Incoming<T> {
  readonly up: Up;
  readonly id: number;
  readonly content: T;
  readonly bytes: number;
}

interface UpWriterOptions {
  /** The frames within a frame that is a device's own batch; undefined for any other. */
  unpack?(frame: Frame): readonly Uint8Array[] | undefined;
  /** How long the first of a batch may wait for others. */
  readonly lingerMs?: number;
}

/**
 * @param name of the noun, for logs and metrics
 * @param read takes a frame apart, or throws ProtocolError
 * @param store writes a batch and announces what changed; throws what PostgreSQL says
 */
export function createUpWriter<T>(
  parts: WriterParts,
  name: string,
  read: (frame: Frame) => { id: number; content: T },
  store: (batch: readonly Incoming<T>[]) => Promise<void>,
  { unpack, lingerMs = 0 }: UpWriterOptions = {},
): UpWriter {
  const { log, acks, metrics } = parts;
  let isFull = false;
  const batcher = createBatcher<Incoming<T>>({
    itemsMax: BATCH_MESSAGES_MAX,
    bytesMax: BATCH_BYTES_MAX,
    waitingMax: BATCH_WAITING_MAX,
    waitingBytesMax: BATCH_WAITING_BYTES_MAX,
    bytesOf: ({ bytes }) => bytes,
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
  function add(message: Incoming<T>): boolean {
    const isTaken = batcher.add(message);
    if (!isTaken) metrics.dropped.inc({ noun: name });
    if (!isTaken && !isFull) log.warn({ noun: name }, 'too much waits to be stored: messages are dropped');
    isFull = !isTaken;
    return isTaken;
  }

  /** False when there is no room for it. */
  function takeFrame(up: Up, frame: Frame, bytes: number): boolean {
    try {
      return add({ up, ...read(frame), bytes });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { id } = frame.props;
      const isId = typeof id === 'number' && Number.isSafeInteger(id) && id >= 0;
      refuse(up, isId ? id : undefined, error.message, undefined);
      return true;
    }
  }

  function takeMessage(up: Up): void {
    const frame = decodeFrame(up.frame, FRAME_BYTES_MAX_UP);
    const within = unpack?.(frame);
    if (!within) return void takeFrame(up, frame, up.frame.length);
    // After one that is dropped none may be stored: their order is what the batch is for.
    for (const bytes of within) if (!takeFrame(up, decodeFrame(bytes, FRAME_BYTES_MAX_UP), bytes.length)) return;
  }

  /** A message that will never be stored is acknowledged, so that the device forgets it, and told why. */
  function refuse(up: Up, id: number | undefined, why: string, error: unknown): void {
    metrics.refused.inc({ noun: name });
    log.warn({ error, noun: name, device: up.device }, `refused a message: ${why}`);
    if (id !== undefined) {
      acks.add(up, id);
      acks.flush();
    }
    tellDevice(parts, up, 'bad-frame', why, id);
  }

  return {
    take(messages) {
      for (const up of messages) {
        try {
          takeMessage(up);
        } catch (error) {
          if (!(error instanceof ProtocolError)) throw error;
          refuse(up, undefined, error.message, undefined);
        }
      }
    },
    close: (signal) => batcher.close(signal),
  };
}

/** Tells the device what was wrong with a message, if it is still there. */
export function tellDevice({ bus, log }: WriterParts, up: Up, code: ErrorCode, why: string, id?: number): void {
  const about = id === undefined ? {} : { msgid: String(id) };
  const frame = encodeFrame(
    controlError.frame({}, { err: why, close: false, code: ERRORS[code][0], reason: code, ...about }),
  );
  const down = { device: up.device, epoch: up.epoch, frame };
  ask(bus, hubDown(up.hub), down, { timeoutMs: DELIVERY_TIMEOUT_MS }).catch((error: unknown) =>
    log.debug({ error, device: up.device }, 'the device could not be told'),
  );
}
