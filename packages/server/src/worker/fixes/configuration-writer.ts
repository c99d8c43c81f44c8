/** Stores what houses say they are set to, and tells those that are behind what they should be. */
import { configurationDesired, configurationReported, encodeFrame, PROTO, ProtocolError } from '@lovely/protocol';
import { event, hubDown } from '../../bus/subjects.ts';
import { ask, publishItems } from '../../bus/topic.ts';
import type { FixValue } from '@lovely/api';
import { CONFIGURATION_RESEND_MS, CONFIGURATIONS_TAKEN_MAX, DELIVERY_TIMEOUT_MS } from '../../limits.ts';
import { storeReported, takeBehindDevices } from '../../store/configurations.ts';
import { wakeRunsOfDevices } from '../../store/fix-run-engine.ts';
import { createUpWriter, type UpWriter, type WriterParts } from '../up-writer.ts';

interface Told {
  readonly version: number;
  readonly values: Readonly<Record<string, FixValue>>;
}

/** @param changed is called when a fix run may go on */
export function createConfigurationWriter(parts: WriterParts, changed: () => void): UpWriter {
  const { store, bus } = parts;
  return createUpWriter<Told>(
    parts,
    'configuration',
    (frame) => {
      if (!configurationReported.is(frame))
        throw new ProtocolError('bad-message', `unknown message ${PROTO.configuration}/${frame.typ}`);
      const { props, body } = configurationReported.read(frame);
      return { id: props.id, content: body };
    },
    async (batch) => {
      const news = await storeReported(
        store.database,
        batch.map(({ up, id, content }) => ({ deviceId: up.device, messageId: id, ...content })),
      );
      if (news.length === 0) return;
      const ts = Date.now();
      for (const { tenantId, deviceId } of news)
        publishItems(bus, event(tenantId, 'configuration'), [{ device: deviceId, ts }]);
      await wakeRunsOfDevices(
        store.database,
        news.map(({ deviceId }) => deviceId),
      );
      changed();
    },
  );
}

/** One look: tells the houses that are behind. One that doesn't answer is told again some time later. */
export function createConfigurationTeller({ store, bus, log }: WriterParts): () => Promise<void> {
  return async () => {
    const behind = await takeBehindDevices(store.database, CONFIGURATION_RESEND_MS, CONFIGURATIONS_TAKEN_MAX);
    await Promise.all(
      behind.map(async ({ deviceId, hubId, epoch, version, desired }) => {
        const frame = encodeFrame(configurationDesired.frame({}, { version, values: desired }));
        await ask(bus, hubDown(hubId), { device: deviceId, epoch, frame }, { timeoutMs: DELIVERY_TIMEOUT_MS }).catch(
          (error: unknown) => log.info({ error, device: deviceId }, 'a house could not be told its configuration'),
        );
      }),
    );
  };
}
