/** Stores status reports. */
import { ProtocolError, PROTO, statusReport, type StatusReport } from '@lovely/protocol';
import { event, type Event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { trueTime } from '../domain/true-time.ts';
import { STATUS_LINGER_MS } from '../limits.ts';
import { storeStatus } from '../store/status.ts';
import { createUpWriter, type UpWriter, type WriterParts } from './up-writer.ts';

export function createStatusWriter(parts: WriterParts): UpWriter {
  return createUpWriter<readonly StatusReport[]>(
    parts,
    'status',
    (frame) => {
      if (!statusReport.is(frame))
        throw new ProtocolError('bad-message', `unknown message ${PROTO.status}/${frame.typ}`);
      const { props, body } = statusReport.read(frame);
      return { id: props.id, content: body };
    },
    async (batch) => {
      const nowMs = Date.now();
      await storeStatus(
        parts.store,
        batch.flatMap(({ up, content }) =>
          content.map(({ ts, source, values }) => ({
            tenantId: up.tenant,
            deviceId: up.device,
            source,
            tsMs: trueTime(ts, up.receivedMs, up.clockOffsetMs),
            values,
          })),
        ),
      );
      const reported = new Map<string, Set<string>>();
      for (const { up } of batch) reported.set(up.tenant, (reported.get(up.tenant) ?? new Set()).add(up.device));
      for (const [tenant, devices] of reported) {
        const events: Event<'status'>[] = [...devices].map((device) => ({ device, ts: nowMs }));
        publishItems(parts.bus, event(tenant, 'status'), events);
      }
    },
    { lingerMs: STATUS_LINGER_MS },
  );
}
