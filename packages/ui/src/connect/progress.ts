/** How far a home has come on its way in: the four steps of "Connect a home". */
import type { DeviceDetail, Metric } from '@lovely/api';

export const STEPS = ['waiting', 'key', 'connected', 'placed'] as const;
export type Step = (typeof STEPS)[number];

export type StepState = 'done' | 'now' | 'later';

type Progress = Pick<DeviceDetail, 'status' | 'connectionChangedAt' | 'client' | 'location'>;

/** The step that is to be done now; `undefined` when all are done. */
export function currentStep(device: Progress | undefined, metrics: readonly Metric[]): Step | undefined {
  if (!device) return 'waiting';
  if (device.status !== 'accepted') return 'key';
  if (device.connectionChangedAt === null) return 'connected';
  // Mender's clients, which say no hello, send no values: being connected is all there is to see of them.
  if (device.client !== null && metrics.length === 0) return 'connected';
  return device.location === null ? 'placed' : undefined;
}

export function stepState(step: Step, current: Step | undefined): StepState {
  if (current === undefined || STEPS.indexOf(step) < STEPS.indexOf(current)) return 'done';
  return step === current ? 'now' : 'later';
}
