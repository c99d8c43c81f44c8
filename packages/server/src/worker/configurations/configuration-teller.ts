/** Tells the houses that are behind what they should be set to. One that doesn't answer is told again some time later. */
import { configurationDesired, encodeFrame } from '@lovely/protocol';
import { eventAny, hubDown } from '../../bus/subjects.ts';
import { ask, subscribeTo } from '../../bus/topic.ts';
import type { Task } from '../../background-task.ts';
import {
  CONFIGURATION_RESEND_MS,
  CONFIGURATION_TICK_MS,
  CONFIGURATIONS_TAKEN_MAX,
  DELIVERY_TIMEOUT_MS,
} from '../../limits.ts';
import { takeBehindDevices, type BehindDevice } from '../../store/configuration-delivery.ts';
import type { WriterParts } from '../up-writer.ts';
import { createWakeable } from '../wakeable.ts';

/** Looks every so often, and at once when somebody says that a configuration changed or a house came. */
export function startConfigurationTeller({ store, bus, log }: WriterParts, queue: string): Task {
  const tell = async ({ deviceId, hubId, epoch, version, desired, confirmMs }: BehindDevice): Promise<void> => {
    const limit = confirmMs === null ? {} : { confirmMs };
    const frame = encodeFrame(configurationDesired.frame({}, { version, values: desired, ...limit }));
    await ask(bus, hubDown(hubId), { device: deviceId, epoch, frame }, { timeoutMs: DELIVERY_TIMEOUT_MS }).catch(
      (error: unknown) => log.info({ error, device: deviceId }, 'a house could not be told its configuration'),
    );
  };
  const task = createWakeable('configurations', CONFIGURATION_TICK_MS, log, async () => {
    for (;;) {
      const behind = await takeBehindDevices(store.database, CONFIGURATION_RESEND_MS, CONFIGURATIONS_TAKEN_MAX);
      await Promise.all(behind.map(tell));
      if (behind.length < CONFIGURATIONS_TAKEN_MAX) return;
    }
  });
  const subscriptions = [
    subscribeTo(bus, eventAny('configuration'), task.wake, { queue }),
    subscribeTo(bus, eventAny('presence'), (changes) => {
      if (changes.some(({ connected }) => connected)) task.wake();
    }),
  ];
  return {
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await task.close();
    },
  };
}
