/** What updates of sensors need of the rest of the client; the local API has it all. */
import type { SensorDescription } from '@lovely/protocol';
import type { Driver } from './driver.ts';

export interface SensorHost {
  /** The sensors behind this gateway, as their programs told them. */
  allSensors(): Iterable<SensorDescription>;
  sensor(id: string): SensorDescription | undefined;
  /** It is known now what firmware a sensor runs: remembers it, and tells the backend where that is news. */
  learnFirmware(sensor: string, firmware: string): void;
  /** Has the program that speaks for the sensor carry out a step. */
  readonly askProgram: Driver;
  /** Calls `listener` with each sensor that gives a sign of life, until the function that it returns is called. */
  listenToSensors(listener: (sensor: string) => void): () => void;
}
