/** The record of an update on the disk, and what to make of one that can't be trusted. */
import type { CheckedFile, Keeper } from './checked-file.ts';
import type { UpdatePlan } from './host-steps.ts';
import { newRecord, type Step, type UpdateRecord } from './update-record.ts';

/**
 * A garbled copy may have been the newer one: what it told of may have begun. Should both be garbled, what the artifact said
 * of itself still tells that an update was under way, and nobody can say how far it came.
 */
export function recordKeeper(file: CheckedFile<UpdateRecord>, plan: Keeper<UpdatePlan>): Keeper<UpdateRecord> {
  return {
    load() {
      const record = file.load();
      if (!file.isGarbled) return record;
      const planned = plan.load();
      if (!planned) return record;
      if (!record) return { ...newRecord(planned.offer, ''), step: 'install' };
      return { ...record, step: MAY_HAVE_BEGUN[record.step] ?? record.step };
    },
    save: (record) => file.save(record),
    clear: () => file.clear(),
  };
}

/** After these comes what must not be taken for something that never was. */
const MAY_HAVE_BEGUN: { readonly [step in Step]?: Step } = {
  fetch: 'store',
  'after-store': 'install',
  'pause-install': 'install',
  'pause-reboot': 'reboot',
  'pause-commit': 'commit',
};
