/** Stores what devices raise and clear. */
import { alertClear, alertRaise, ProtocolError, PROTO, type Frame } from '@lovely/protocol';
import { applyAlertEvents, type AlertEvent } from '../store/alerts.ts';
import { announceAlerts } from './announce.ts';
import { createUpWriter, type UpWriter, type WriterParts } from './up-writer.ts';

/** A gateway's clock may be this wrong before its times are replaced by the time of receipt. */
const CLOCK_BEHIND_MS = 7 * 24 * 3600 * 1000;

/** An alert as its device tells it; the device's id is added by the connection it came through. */
type Told = AlertEvent extends infer E ? (E extends AlertEvent ? Omit<E, 'deviceId' | 'messageId'> : never) : never;

export function createAlertWriter(parts: WriterParts): UpWriter {
  return createUpWriter<Told>(parts, 'alert', readAlert, async (batch) => {
    const outcome = await applyAlertEvents(
      parts.store,
      batch.map(({ up, id, content }) => ({
        ...content,
        ts: plausibleTime(content.ts, up.receivedMs),
        deviceId: up.device,
        messageId: id,
      })),
    );
    announceAlerts(parts.bus, outcome);
  });
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

function plausibleTime(ts: Date, receivedMs: number): Date {
  const at = ts.getTime();
  return at > receivedMs || at < receivedMs - CLOCK_BEHIND_MS ? new Date(receivedMs) : ts;
}
