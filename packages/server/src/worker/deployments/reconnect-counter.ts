/** Counts reconnects, so that a deployment pauses whose houses do so more than others. */
import { startTask, type Task } from '../../background-task.ts';
import { eventTenant } from '../../bus/subjects.ts';
import { DEPLOYMENT_PROGRESS_MS } from '../../software-limits.ts';
import { storeReconnects } from '../../store/reconnects.ts';
import type { WriterParts } from '../up-writer.ts';

export interface ReconnectCounter extends Task {
  /** @param subject of the event that told it */
  count(subject: string, deviceIds: readonly string[]): void;
}

export function createReconnectCounter({ store, log }: WriterParts): ReconnectCounter {
  let counted = new Map<string, Map<string, number>>();
  async function write(): Promise<void> {
    const waiting = counted;
    counted = new Map();
    for (const [tenantId, counts] of waiting) await storeReconnects(store.database, tenantId, counts);
  }
  const task = startTask('reconnects', DEPLOYMENT_PROGRESS_MS, log, write);
  return {
    count(subject, deviceIds) {
      const tenantId = eventTenant(subject);
      const counts = counted.get(tenantId) ?? new Map<string, number>();
      counted.set(tenantId, counts);
      for (const id of deviceIds) counts.set(id, (counts.get(id) ?? 0) + 1);
    },
    close: () => task.close(),
  };
}
