/**
 * Tells the houses that are behind what they should be set to. Houses that something is heard of are looked at at once; all
 * that are behind have their turn a part at a time, for what nobody heard of, and for those that don't answer.
 */
import { configurationDesired, encodeFrame } from '@lovely/protocol';
import { eventAny, hubDown } from '../../bus/subjects.ts';
import { ask, subscribeTo } from '../../bus/topic.ts';
import { startTask, type Task } from '../../background-task.ts';
import {
  CONFIGURATION_HEARD_MAX,
  CONFIGURATION_LOOKED_AT_HOUSES,
  CONFIGURATION_RESEND_MS,
  CONFIGURATION_TICK_MS,
  CONFIGURATIONS_TAKEN_MAX,
  DELIVERY_TIMEOUT_MS,
} from '../../limits.ts';
import { listBehindDevices, takeBehindDevices, type BehindDevice } from '../../store/configuration-delivery.ts';
import type { WriterParts } from '../up-writer.ts';
import { createWakeable } from '../wakeable.ts';

const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export function startConfigurationTeller({ store, bus, log }: WriterParts, queue: string): Task {
  const tell = async ({ deviceId, hubId, epoch, version, desired, confirmMs }: BehindDevice): Promise<void> => {
    const limit = confirmMs === null ? {} : { confirmMs };
    const frame = encodeFrame(configurationDesired.frame({}, { version, values: desired, ...limit }));
    await ask(bus, hubDown(hubId), { device: deviceId, epoch, frame }, { timeoutMs: DELIVERY_TIMEOUT_MS }).catch(
      (error: unknown) => log.info({ error, device: deviceId }, 'a house could not be told its configuration'),
    );
  };
  const tellThese = async (deviceIds: readonly string[]): Promise<void> => {
    for (let at = 0; at < deviceIds.length; at += CONFIGURATIONS_TAKEN_MAX) {
      const some = deviceIds.slice(at, at + CONFIGURATIONS_TAKEN_MAX);
      await Promise.all((await takeBehindDevices(store.database, some, CONFIGURATION_RESEND_MS)).map(tell));
    }
  };

  const heardOf = new Set<string>();
  const hearing = createWakeable('configurations', CONFIGURATION_TICK_MS, log, async () => {
    const deviceIds = [...heardOf];
    heardOf.clear();
    await tellThese(deviceIds);
  });
  const hear = (changes: readonly { readonly device: string }[]): void => {
    // What is too much comes up by itself.
    for (const { device } of changes) if (heardOf.size < CONFIGURATION_HEARD_MAX) heardOf.add(device);
    if (heardOf.size > 0) hearing.wake();
  };
  let after = FIRST_ID;
  const looking = startTask('configurations that are behind', CONFIGURATION_TICK_MS, log, async () => {
    const deviceIds = await listBehindDevices(store.database, after, CONFIGURATION_LOOKED_AT_HOUSES);
    after = deviceIds.length < CONFIGURATION_LOOKED_AT_HOUSES ? FIRST_ID : deviceIds.at(-1)!;
    await tellThese(deviceIds);
  });
  const subscriptions = [
    subscribeTo(bus, eventAny('configuration'), hear, { queue }),
    subscribeTo(bus, eventAny('presence'), (changes) => hear(changes.filter(({ connected }) => connected)), { queue }),
  ];
  return {
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await Promise.all([hearing.close(), looking.close()]);
    },
  };
}
