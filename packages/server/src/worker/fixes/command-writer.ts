/** Stores what houses say of their fix runs: that one began, what it prints, how it ended. */
import {
  COMMAND_CHUNK_BYTES_MAX,
  commandDone,
  commandOutput,
  commandStarted,
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  ProtocolError,
  type Frame,
} from '@lovely/protocol';
import type { Up } from '../../bus/subjects.ts';
import {
  BATCH_BYTES_MAX,
  BATCH_MESSAGES_MAX,
  BATCH_RETRY_MS,
  BATCH_WAITING_BYTES_MAX,
  BATCH_WAITING_MAX,
} from '../../limits.ts';
import { isBadInput } from '../../store/errors.ts';
import { storeFixRunReport, type FixRunReport } from '../../store/fix-run-engine.ts';
import { createBatcher } from '../batcher.ts';
import type { UpWriter, WriterParts } from '../up-writer.ts';
import { announceFixRuns } from './announce-fix-runs.ts';

interface Incoming {
  readonly up: Up;
  /** Only the end of a run is acknowledged: the house keeps it until then. */
  readonly id: number | undefined;
  readonly report: FixRunReport;
  readonly bytes: number;
}

/** @param changed is called when a run may go on */
export function createCommandWriter(parts: WriterParts, changed: () => void): UpWriter {
  const { store, bus, acks, log, metrics } = parts;
  const batcher = createBatcher<Incoming>({
    itemsMax: BATCH_MESSAGES_MAX,
    bytesMax: BATCH_BYTES_MAX,
    waitingMax: BATCH_WAITING_MAX,
    waitingBytesMax: BATCH_WAITING_BYTES_MAX,
    bytesOf: ({ bytes }) => bytes,
    retryMs: BATCH_RETRY_MS,
    lingerMs: 0,
    isBadInput,
    async store(batch) {
      // One after the other: what a run prints is put together in the order it came.
      for (const { report } of batch) {
        const change = await storeFixRunReport(store.database, report);
        if (change) announceFixRuns(bus, [change]);
      }
      metrics.stored.inc({ noun: 'command' }, batch.length);
      for (const { up, id } of batch) if (id !== undefined) acks.add(up, id);
      acks.flush();
      if (batch.some(({ report }) => report.said.kind !== 'output')) changed();
    },
    onRejected: ({ up, id }, error) => refuse(up, id, error),
    onRetry: (error) => log.error({ error, noun: 'command' }, 'a batch could not be stored; it is tried again'),
  });

  function refuse(up: Up, id: number | undefined, error: unknown): void {
    metrics.refused.inc({ noun: 'command' });
    log.warn({ error, noun: 'command', device: up.device }, 'refused what a house said of a fix');
    if (id === undefined) return;
    acks.add(up, id);
    acks.flush();
  }

  function take(up: Up): void {
    const frame = decodeFrame(up.frame, FRAME_BYTES_MAX_UP);
    try {
      const isTaken = batcher.add({ up, ...read(frame, up.device), bytes: up.frame.length });
      if (!isTaken) metrics.dropped.inc({ noun: 'command' });
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      const { id } = frame.props;
      refuse(up, typeof id === 'number' && Number.isSafeInteger(id) && id >= 0 ? id : undefined, error);
    }
  }

  return {
    take(messages) {
      for (const up of messages) take(up);
    },
    close: (signal) => batcher.close(signal),
  };
}

function read(frame: Frame, deviceId: string): { id: number | undefined; report: FixRunReport } {
  if (commandStarted.is(frame)) {
    const { run } = commandStarted.read(frame).body;
    return { id: undefined, report: { deviceId, ...readRun(run), said: { kind: 'started' } } };
  }
  if (commandOutput.is(frame)) {
    const { props, body } = commandOutput.read(frame);
    if (body.length > COMMAND_CHUNK_BYTES_MAX) throw new ProtocolError('bad-message', 'too much output in one message');
    const said = { kind: 'output', offset: props.offset, bytes: body } as const;
    return { id: undefined, report: { deviceId, ...readRun(props.run), said } };
  }
  if (commandDone.is(frame)) {
    const { props, body } = commandDone.read(frame);
    const { run, outcome, exit = null, refusal = null, reason, tail, tailOffset } = body;
    const said = { kind: 'done', outcome: { outcome, exit, refusal, reason }, tail, tailOffset } as const;
    return { id: props.id, report: { deviceId, ...readRun(run), said } };
  }
  throw new ProtocolError('bad-message', `unknown message ${PROTO.command}/${frame.typ}`);
}

const RUN = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(\d{1,2})$/;

function readRun(name: string): { runId: string; step: number } {
  const [, runId, step] = RUN.exec(name) ?? [];
  if (runId === undefined) throw new ProtocolError('bad-message', 'no run of ours has such a name');
  return { runId, step: Number(step) };
}
