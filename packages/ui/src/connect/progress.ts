/** How far a home has come on its way in: the four steps of "Connect a home". */
import type { DeviceDetail, Metric } from '@lovely/api';

export const STEPS = ['waiting', 'key', 'connected', 'placed'] as const;
export type Step = (typeof STEPS)[number];

export type StepState = 'done' | 'now' | 'later';

type Progress = Pick<DeviceDetail, 'status' | 'connectionChangedAt' | 'location'>;

/** The step that is to be done now; `undefined` when all are done. */
export function currentStep(device: Progress | undefined, metrics: readonly Metric[]): Step | undefined {
  if (!device) return 'waiting';
  if (device.status !== 'accepted') return 'key';
  // Mender's clients send no values: their first connection is enough.
  if (device.connectionChangedAt === null && metrics.length === 0) return 'connected';
  return device.location === null ? 'placed' : undefined;
}

export function stepState(step: Step, current: Step | undefined): StepState {
  if (current === undefined || STEPS.indexOf(step) < STEPS.indexOf(current)) return 'done';
  return step === current ? 'now' : 'later';
}
