/** Tells browsers which fix runs have changed. */
import type { Bus } from '../../bus/bus.ts';
import { event, type Event } from '../../bus/subjects.ts';
import { publishItems } from '../../bus/topic.ts';
import type { FixRunChange } from '../../store/fix-run-engine.ts';

export function announceFixRuns(bus: Bus, changes: readonly FixRunChange[]): void {
  const ts = Date.now();
  for (const [tenantId, ofTenant] of Map.groupBy(changes, (change) => change.tenantId))
    publishItems(
      bus,
      event(tenantId, 'fix-run'),
      ofTenant.map(({ deviceId, alertId, runId, rolloutId, state }): Event<'fix-run'> => ({
        device: deviceId,
        alert: alertId,
        run: runId,
        ...(rolloutId === null ? {} : { rollout: rolloutId }),
        state,
        ts,
      })),
    );
}
