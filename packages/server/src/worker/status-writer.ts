/** Stores status reports. */
import { ProtocolError, PROTO, statusReport, type StatusReport } from '@lovely/protocol';
import { event, type Event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { trueTime } from '../domain/true-time.ts';
import { METRICS_PER_SOURCE_MAX, SOURCES_PER_DEVICE_MAX, STATUS_LINGER_MS } from '../limits.ts';
import { storeStatus, type StatusRefusal } from '../store/status.ts';
import { createRefusalMemory } from './refusal-memory.ts';
import { createUpWriter, tellDevice, type UpWriter, type WriterParts } from './up-writer.ts';

/** What a gateway is told of values that were not stored. */
const EXCESS: Record<StatusRefusal['excess'], (refusal: StatusRefusal) => string> = {
  sources: ({ source }) => `"${source}" is one source more than the ${SOURCES_PER_DEVICE_MAX} that a gateway may have`,
  metrics: ({ source }) => `"${source}" has more than the ${METRICS_PER_SOURCE_MAX} metrics that a source may have`,
};

export function createStatusWriter(parts: WriterParts): UpWriter {
  const isNews = createRefusalMemory(Date.now);
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
      const refusals = await storeStatus(
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
      for (const refusal of refusals) {
        const incoming = batch.find(({ up }) => up.device === refusal.deviceId);
        if (incoming && isNews(refusal))
          tellDevice(parts, incoming.up, 'too-many-values', EXCESS[refusal.excess](refusal));
      }
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
