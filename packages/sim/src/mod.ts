/** What benchmarks and whole-system tests use of the simulator. */
export { Fleet } from './fleet.ts';
export type { FleetCounts, FleetOptions } from './fleet.ts';
export { createHouses } from './house.ts';
export type { Hardware, House } from './house.ts';
export { privateKeyOf } from './key.ts';
export { sensorFigures, sensorsOf } from './sensors.ts';
export type { HouseSensor, SensorKindName } from './sensors.ts';
export { Management } from './management.ts';
export type { Credentials, DevicePatch, KnownDevice, OpenAlert, ServerAddress } from './management.ts';
export { randomOf } from './random.ts';
export type { Random } from './random.ts';
