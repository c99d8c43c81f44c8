/** Stores what devices raise and clear. */
import { alertBatch, alertClear, alertRaise, ProtocolError, PROTO, type Frame } from '@lovely/protocol';
import { trueTime } from '../domain/true-time.ts';
import { applyAlertEvents, type AlertEvent } from '../store/alerts.ts';
import { announceAlerts } from '../bus/announce.ts';
import { createUpWriter, type Incoming, type UpWriter, type WriterParts } from './up-writer.ts';

/** An alert as its device tells it; the device's id is added by the connection it came through. */
type Told = AlertEvent extends infer E ? (E extends AlertEvent ? Omit<E, 'deviceId' | 'messageId'> : never) : never;

export function createAlertWriter(parts: WriterParts): UpWriter {
  const store = async (batch: readonly Incoming<Told>[]): Promise<void> => {
    const outcome = await applyAlertEvents(
      parts.store,
      batch.map(({ up, id, content }) => ({
        ...content,
        ts: new Date(trueTime(content.ts.getTime(), up.receivedMs, up.clockOffsetMs)),
        deviceId: up.device,
        messageId: id,
      })),
    );
    announceAlerts(parts.bus, outcome);
  };
  return createUpWriter<Told>(parts, 'alert', readAlert, store, { unpack });
}

function unpack(frame: Frame): Uint8Array[] | undefined {
  return alertBatch.is(frame) ? alertBatch.read(frame).body : undefined;
}

function readAlert(frame: Frame): { id: number; content: Told } {
  if (alertRaise.is(frame)) {
    const { props, body } = alertRaise.read(frame);
    return { id: props.id, content: { kind: 'raise', ...body, ts: new Date(body.ts) } };
  }
  if (alertClear.is(frame)) {
    const { props, body } = alertClear.read(frame);
    return { id: props.id, content: { kind: 'clear', ...body, ts: new Date(body.ts) } };
  }
  throw new ProtocolError('bad-message', `unknown message ${PROTO.alert}/${frame.typ}`);
}
