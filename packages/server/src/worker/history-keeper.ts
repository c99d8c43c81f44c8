/** What history needs done all the time: roll-ups, partitions, and the end of what belonged to deleted devices. */
import { startTask, type Task } from '../background-task.ts';
import type { HistoryRetention } from '../domain/history.ts';
import { HISTORY_HOUR_ROLLUP_MS, HISTORY_KEEPER_MS, HISTORY_ROLLUP_MS } from '../limits.ts';
import type { Log } from '../log.ts';
import { deleteHistories } from '../store/history-deletions.ts';
import { keepPartitions } from '../store/history-partitions.ts';
import { rollUp } from '../store/history-rollups.ts';
import type { Store } from '../store/store.ts';

export function startHistoryKeeper(store: Store, retentionDays: HistoryRetention, log: Log): Task {
  const tasks = [
    startTask('history roll-up', HISTORY_ROLLUP_MS, log, async () => void (await rollUp(store, '5min', retentionDays))),
    startTask(
      'history roll-up of hours',
      HISTORY_HOUR_ROLLUP_MS,
      log,
      async () => void (await rollUp(store, '1h', retentionDays)),
    ),
    startTask('history partitions', HISTORY_KEEPER_MS, log, () => keepPartitions(store, retentionDays, Date.now())),
    startTask('history of deleted devices', HISTORY_KEEPER_MS, log, async () => void (await deleteHistories(store))),
  ];
  return {
    async close() {
      await Promise.all(tasks.map((task) => task.close()));
    },
  };
}
