/** Stores what houses say they are set to, or went back from. */
import {
  configurationReported,
  configurationReverted,
  PROTO,
  ProtocolError,
  type ConfigurationProblems,
  type Frame,
} from '@lovely/protocol';
import { announceAlerts } from '../../bus/announce.ts';
import { event } from '../../bus/subjects.ts';
import { publishItems } from '../../bus/topic.ts';
import { storeReports, type ConfigurationReport } from '../../store/configuration-delivery.ts';
import { wakeRunsOfDevices } from '../../store/fix-run-engine.ts';
import { createUpWriter, type UpWriter, type WriterParts } from '../up-writer.ts';

// Distributes over the union, as `Omit` alone does not.
type Told = ConfigurationReport extends infer R
  ? R extends unknown
    ? Omit<R, 'deviceId' | 'messageId'>
    : never
  : never;

/** @param changed is called when a fix run may go on */
export function createConfigurationWriter(parts: WriterParts, changed: () => void): UpWriter {
  const { store, bus } = parts;
  return createUpWriter<Told>(parts, 'configuration', read, async (batch) => {
    const outcome = await storeReports(
      store.database,
      batch.map(({ up, id, content }) => ({ deviceId: up.device, messageId: id, ...content })),
    );
    announceAlerts(bus, outcome);
    if (outcome.changed.length === 0) return;
    const ts = Date.now();
    for (const [tenantId, news] of Map.groupBy(outcome.changed, (one) => one.tenantId))
      publishItems(
        bus,
        event(tenantId, 'configuration'),
        news.map(({ deviceId }) => ({ device: deviceId, ts })),
      );
    await wakeRunsOfDevices(
      store.database,
      outcome.changed.map(({ deviceId }) => deviceId),
    );
    changed();
  });
}

function read(frame: Frame): { id: number; content: Told } {
  if (configurationReverted.is(frame)) {
    const { props, body } = configurationReverted.read(frame);
    const { version, reason, problems } = body;
    return { id: props.id, content: { kind: 'reverted', version, reason, problems: problemsOf(problems) } };
  }
  if (!configurationReported.is(frame))
    throw new ProtocolError('bad-message', `unknown message ${PROTO.configuration}/${frame.typ}`);
  const { props, body } = configurationReported.read(frame);
  const { version, values, isConfirming = false, problems } = body;
  return { id: props.id, content: { kind: 'reported', version, values, isConfirming, problems: problemsOf(problems) } };
}

function problemsOf(problems: ConfigurationProblems | undefined): ConfigurationReport['problems'] {
  return (problems ?? []).map(({ key, message }) => ({ key: key ?? null, message }));
}
