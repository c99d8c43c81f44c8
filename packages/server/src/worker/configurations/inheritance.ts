/** Brings what groups set to their houses, and what houses inherit up to date when they come into groups or leave them. */
import { startTask, type Task } from '../../background-task.ts';
import { event } from '../../bus/subjects.ts';
import { publishItems } from '../../bus/topic.ts';
import { CONFIGURATION_BATCH_HOUSES, CONFIGURATION_INHERITANCE_TICK_MS } from '../../limits.ts';
import { carryJobOn, computeMarked, type ChangedHouses } from '../../store/configuration-jobs.ts';
import type { WriterParts } from '../up-writer.ts';

/** Turns of one run; then others of this process have theirs. */
const TURNS_MAX = 50;

export function startInheritance({ store, bus, log }: WriterParts): Task {
  const announce = ({ tenantId, deviceIds }: ChangedHouses): void => {
    const ts = Date.now();
    publishItems(
      bus,
      event(tenantId, 'configuration'),
      deviceIds.map((device) => ({ device, ts })),
    );
  };
  return startTask('inherited configurations', CONFIGURATION_INHERITANCE_TICK_MS, log, async () => {
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const marked = await computeMarked(store.database, CONFIGURATION_BATCH_HOUSES);
      if (marked) announce(marked);
      const carried = await carryJobOn(store.database, CONFIGURATION_BATCH_HOUSES);
      if (carried) announce(carried);
      if (!marked && !carried) return;
    }
  });
}
