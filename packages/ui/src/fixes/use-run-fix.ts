import { runFix, type Alert, type Fix, type FixRun, type FixValue } from '@lovely/api';
import { keys, request } from '../api.ts';
import { useChange } from '../parts/use-change.ts';

export interface RunWish {
  readonly fix: Fix;
  readonly values: Record<string, FixValue>;
}

/** Runs a fix on the house of an alert. */
export function useRunFix(alert: Alert) {
  return useChange<RunWish, FixRun>(
    ({ fix, values }) => request(runFix, { params: { id: alert.id }, body: { fixId: fix.id, parameters: values } }),
    { outdated: [keys.fixRuns] },
  );
}
