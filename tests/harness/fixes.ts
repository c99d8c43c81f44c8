/** Fixes on a gateway of a test: made, run, and waited for. */
import {
  createFix,
  getFixRun,
  listAlerts,
  runFix,
  type Alert,
  type Fix,
  type FixAction,
  type FixRunDetail,
} from '@lovely/api';
import type { TestServer } from './server.ts';
import { until } from './wait.ts';

export function script(content: string, rest: Partial<Extract<FixAction, { kind: 'script' }>> = {}): FixAction {
  return { kind: 'script', interpreter: 'sh', content, timeoutMs: 30_000, ...rest };
}

/** `where` is asked at each use, as tests start their server later. */
export function fixesOn(where: () => { readonly server: TestServer; readonly id: string }) {
  const openAlert = (): Promise<Alert> =>
    until('the alert is open', async () => {
      const { server, id } = where();
      const { items } = await server.call(listAlerts, { query: { deviceId: id, state: 'open', rule: 'service-down' } });
      return items[0];
    });
  const makeFix = (title: string, actions: FixAction[], rest: Partial<Fix> = {}): Promise<Fix> => {
    const { parameters = [], checkMs = 1_000 } = rest;
    const manual = { perHouseAndDayMax: 1, perHourMax: 1, minSuccess: 0, severities: [], groupIds: [] };
    const body = {
      rule: 'service-down',
      title,
      actions,
      parameters,
      checkMs,
      automatic: { enabled: false, ...manual },
    };
    return where().server.call(createFix, { body: { ...body, steps: [], risk: 'low', takesMs: null } });
  };
  const start = (fix: Fix, alertId: string, parameters = {}) =>
    where().server.call(runFix, { params: { id: alertId }, body: { fixId: fix.id, parameters } });
  const runWhen = (runId: string, what: string, isIt: (run: FixRunDetail) => boolean): Promise<FixRunDetail> =>
    until(what, async () => {
      const run = await where().server.call(getFixRun, { params: { id: runId }, query: {} });
      return isIt(run) ? run : undefined;
    });
  const ended = (runId: string) => runWhen(runId, 'the run has ended', ({ endedAt }) => endedAt !== null);
  return { openAlert, makeFix, start, runWhen, ended };
}
