/** The states of deployments, and of the houses in them, in words and looks. */
import type { Deployment, DeploymentCounts, DeploymentDevice, DeploymentDeviceState } from '@lovely/api';
import type { BarPart } from '../parts/StackedBar.tsx';
import type { DeploymentDevicesFilter } from './deployment-queries.ts';

export const DEVICE_STATES: Readonly<Record<DeploymentDeviceState, string>> = {
  pending: 'Waiting',
  downloading: 'Downloading',
  pause_before_installing: 'Waits before installing',
  installing: 'Installing',
  pause_before_rebooting: 'Waits before rebooting',
  rebooting: 'Rebooting',
  pause_before_committing: 'Waits before committing',
  success: 'Done',
  failure: 'Failed',
  'already-installed': 'Had it already',
  noartifact: 'No fitting software',
  aborted: 'Aborted',
  decommissioned: 'Decommissioned',
};

const FINAL: ReadonlySet<DeploymentDeviceState> = new Set([
  'success',
  'failure',
  'already-installed',
  'noartifact',
  'aborted',
  'decommissioned',
]);

const PAUSED: ReadonlySet<DeploymentDeviceState> = new Set([
  'pause_before_installing',
  'pause_before_rebooting',
  'pause_before_committing',
]);

/** Whether an update is over on a house. */
export function isFinal(state: DeploymentDeviceState): boolean {
  return FINAL.has(state);
}

/** Whether a house waits for somebody to continue. */
export function isPaused(state: DeploymentDeviceState): boolean {
  return PAUSED.has(state);
}

/** Whether something happens, or could, without somebody starting it anew. */
export function isUnderWay({ state }: Pick<Deployment, 'state'>): boolean {
  return state === 'scheduled' || state === 'running' || state === 'paused';
}

/** What one house does, e.g. "Installing 45%", "Rolled back", "Failed". */
export function deviceStateText({
  state,
  percent,
  isRolledBack,
}: Pick<DeploymentDevice, 'state' | 'percent' | 'isRolledBack'>): string {
  if (state === 'failure' && isRolledBack === true) return 'Rolled back';
  return percent === null || isFinal(state) ? DEVICE_STATES[state] : `${DEVICE_STATES[state]} ${percent}%`;
}

/**
 * The houses of a deployment as parts of a bar, in the order in which a house goes through them.
 * @param rolledBack how many of those that failed have the software of before again
 */
export function partsOf(counts: DeploymentCounts, rolledBack = 0): BarPart[] {
  const waits = counts.pause_before_installing + counts.pause_before_rebooting + counts.pause_before_committing;
  const leftOut = counts.aborted + counts.decommissioned;
  const parts: BarPart[] = [
    { key: 'success', label: 'done', amount: counts.success, tone: 'ok' },
    {
      key: 'already-installed',
      label: 'had it already',
      amount: counts['already-installed'],
      tone: 'ok',
      shade: 'light',
    },
    { key: 'rebooting', label: 'rebooting', amount: counts.rebooting, tone: 'busy', shade: 'striped' },
    { key: 'installing', label: 'installing', amount: counts.installing, tone: 'busy' },
    { key: 'downloading', label: 'downloading', amount: counts.downloading, tone: 'busy', shade: 'light' },
    { key: 'paused', label: 'waiting for you', amount: waits, tone: 'warn', shade: 'striped' },
    { key: 'rolled-back', label: 'rolled back', amount: rolledBack, tone: 'warn' },
    { key: 'failure', label: 'failed', amount: Math.max(0, counts.failure - rolledBack), tone: 'bad' },
    { key: 'noartifact', label: 'without fitting software', amount: counts.noartifact, tone: 'none', shade: 'striped' },
    { key: 'aborted', label: 'left out', amount: leftOut, tone: 'none', shade: 'striped' },
    { key: 'pending', label: 'waiting', amount: counts.pending, tone: 'none' },
  ];
  return parts.filter(({ amount }) => amount > 0);
}

/** Houses that are through, whatever came of it. */
export function throughOf(counts: DeploymentCounts): number {
  return [...FINAL].reduce((sum, state) => sum + counts[state], 0);
}

/** What the table of houses can be narrowed down to, by the keys of the parts of the bar. */
const PART_FILTERS: Readonly<Record<string, { readonly label: string; readonly filter: DeploymentDevicesFilter }>> = {
  pending: { label: 'Waiting', filter: { state: 'pending' } },
  active: { label: 'Under way', filter: { when: 'active' } },
  downloading: { label: 'Downloading', filter: { state: 'downloading' } },
  installing: { label: 'Installing', filter: { state: 'installing' } },
  rebooting: { label: 'Rebooting', filter: { state: 'rebooting' } },
  paused: { label: 'Waiting for you', filter: { when: 'paused' } },
  success: { label: 'Done', filter: { state: 'success' } },
  failure: { label: 'Failed or rolled back', filter: { state: 'failure' } },
  'already-installed': { label: 'Had it already', filter: { state: 'already-installed' } },
  noartifact: { label: 'Without fitting software', filter: { state: 'noartifact' } },
  aborted: { label: 'Left out', filter: { state: 'aborted' } },
};

export const PART_CHOICES = Object.entries(PART_FILTERS).map(([value, { label }]) => ({ value, label }));

export function filterOfPart(part: string | undefined): DeploymentDevicesFilter {
  return part !== undefined && Object.hasOwn(PART_FILTERS, part) ? (PART_FILTERS[part]?.filter ?? {}) : {};
}
