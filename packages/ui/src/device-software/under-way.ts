/** What was rolled out to a house: which of it is on its way. */
import type { listDeviceDeployments, Result } from '@lovely/api';
import { isFinal } from '../deployments/deployment-states.ts';

export type DeviceDeployment = Result<typeof listDeviceDeployments>['items'][number];

/** Whether it is still to come, or is happening. */
export function isOnItsWay({ device }: DeviceDeployment): boolean {
  return !isFinal(device.state);
}

/** The one that happens now, of those on their way. */
export function happeningOf(updates: readonly DeviceDeployment[]): DeviceDeployment | undefined {
  return updates.find((update) => isOnItsWay(update) && update.device.state !== 'pending');
}
