/** Fixes and their runs in words. */
import type { Fix, FixAction, FixRun, FixRunState } from '@lovely/api';
import { durationText } from '../format/duration.ts';
import { count } from '../format/number.ts';

/** "worked 37 of 41 times", or that nobody knows yet. */
export function successText({ tried, helped }: Pick<Fix['stats'], 'tried' | 'helped'>): string {
  if (tried === 0) return 'not tried yet';
  if (tried === 1) return helped === 1 ? 'worked the one time it ran' : 'did not help the one time it ran';
  return `worked ${count(helped)} of ${count(tried)} times`;
}

/** What an action does, on one line. */
export function actionText(action: FixAction): string {
  switch (action.kind) {
    case 'command':
      return `${action.onSensor ? 'On the sensor' : 'Command'}: ${action.name}`;
    case 'script': {
      const lines = action.content.split('\n').filter((line) => line.trim() !== '').length;
      return `Script of ${lines === 1 ? 'one line' : `${lines} lines`}`;
    }
    case 'configuration':
      return `Set ${Object.entries(action.values)
        .map(([name, value]) => `${name} to ${value}`)
        .join(', ')}`;
    case 'update':
      return `Install ${action.artifact}`;
    case 'terminal':
      return 'Open a terminal';
  }
}

/** "about 6 seconds". */
export function takesText(takesMs: number): string {
  const rounded = takesMs < 60_000 ? Math.ceil(takesMs / 1_000) * 1_000 : Math.ceil(takesMs / 60_000) * 60_000;
  return `about ${durationText(rounded)}`;
}

export const RUN_STATES: Readonly<Record<FixRunState, string>> = {
  waiting: 'Waiting',
  running: 'Running',
  checking: 'Checking',
  helped: 'Helped',
  'not-helped': 'Did not help',
  failed: 'Failed',
  refused: 'Refused',
  cancelled: 'Called off',
};

export function isUnderWay({ state }: Pick<FixRun, 'state'>): boolean {
  return state === 'waiting' || state === 'running' || state === 'checking';
}

/** Whether it was tried to its end without success, so that another fix should be next. */
export function wasInVain({ state }: Pick<FixRun, 'state'>): boolean {
  return state === 'not-helped' || state === 'failed' || state === 'refused';
}
