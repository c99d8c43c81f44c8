/** Which part of the client carries out which type of payload: a new one is one file and one line. */
import { systemClock as clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { SensorHost } from './sensors/sensor-host.ts';
import type { PayloadHandlers } from './update-module.ts';

/** What these parts need of the gateway. */
export interface HandlerParts {
  readonly config: Config;
  /** The sensors behind the gateway. */
  readonly sensors: SensorHost;
  readonly log: Log;
}

export function payloadHandlers({ config, sensors: host }: HandlerParts): PayloadHandlers {
  const { driverDir } = config;
  return new Map([
    ['rootfs-image', async () => (await import('./rootfs/rootfs-image.ts')).openRootfsImage(config)],
    [
      'sensor-firmware',
      async () => {
        const [{ openSensorFirmware }, { driversIn }] = await Promise.all([
          import('./sensors/sensor-firmware.ts'),
          import('./sensors/executable-driver.ts'),
        ]);
        return openSensorFirmware({ host, findDriver: driversIn(driverDir), clock });
      },
    ],
  ]);
}
