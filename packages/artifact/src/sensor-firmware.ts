/** The payload type `sensor-firmware`: what its meta-data says of the sensors that it is for. Its files are the firmware. */
import { ArtifactError } from './error.ts';
import { NAME_LENGTH_MAX } from './limits.ts';

export const SENSOR_FIRMWARE = 'sensor-firmware';

export interface SensorFirmware {
  /** What the sensors run afterwards, exactly as they tell it. */
  readonly version: string;
  /** A sensor is meant when its kind is one of these, its model one of those, and what it runs one of the last; [] is any. */
  readonly kinds: readonly string[];
  readonly models: readonly string[];
  readonly fromVersions: readonly string[];
  /** The gateway's program that does it; undefined: the one that speaks for the sensor. */
  readonly driver: string | undefined;
  /** How many sensors at the same time. */
  readonly parallel: number;
  /** Either all have it in the end, or all have what they had before. */
  readonly isAtomic: boolean;
  /** How long one that can't be reached is waited for. */
  readonly waitSeconds: number;
  /** Kinds or models in the order in which they switch: the next do when these are through, and the rest at last. */
  readonly order: readonly string[];
  /** Only once the gateway has started anew, with what the artifact's other payloads brought. */
  readonly isAfterReboot: boolean;
}

export const SENSOR_PARALLEL_MAX = 32;
export const SENSOR_WAIT_SECONDS_MAX = 30 * 24 * 3600;
const PARALLEL_DEFAULT = 4;
const WAIT_SECONDS_DEFAULT = 6 * 3600;
/** As long as what a sensor can tell of itself. */
const TEXT_LENGTH_MAX = Math.min(128, NAME_LENGTH_MAX);
const LIST_MAX = 100;
const DRIVER = /^[a-z0-9][a-z0-9-]{0,63}$/;

const MEMBERS = [
  'version',
  'kinds',
  'models',
  'fromVersions',
  'driver',
  'parallel',
  'atomic',
  'waitSeconds',
  'order',
  'afterReboot',
];

/** Throws ArtifactError 'bad-header', also for a member that nobody knows: it may be a mistyped one that matters. */
export function readSensorFirmware(metaData: { readonly [key: string]: unknown }): SensorFirmware {
  const unknown = Object.keys(metaData).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw bad(`"${unknown}" is none of ${MEMBERS.join(', ')}`);
  const { driver } = metaData;
  if (driver !== undefined && (typeof driver !== 'string' || !DRIVER.test(driver)))
    throw bad('driver is the name of a program: small letters, digits and -');
  const firmware: SensorFirmware = {
    version: text(metaData.version, 'version'),
    kinds: texts(metaData.kinds, 'kinds'),
    models: texts(metaData.models, 'models'),
    fromVersions: texts(metaData.fromVersions, 'fromVersions'),
    driver,
    parallel: integer(metaData.parallel, 'parallel', 1, SENSOR_PARALLEL_MAX, PARALLEL_DEFAULT),
    isAtomic: yesOrNo(metaData.atomic, 'atomic', true),
    waitSeconds: integer(metaData.waitSeconds, 'waitSeconds', 0, SENSOR_WAIT_SECONDS_MAX, WAIT_SECONDS_DEFAULT),
    order: texts(metaData.order, 'order'),
    isAfterReboot: yesOrNo(metaData.afterReboot, 'afterReboot', false),
  };
  if (firmware.kinds.length + firmware.models.length === 0)
    throw bad('kinds or models must say which sensors are meant');
  return firmware;
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= TEXT_LENGTH_MAX && !value.includes('\0'))
    return value;
  throw bad(`${what} is a text of 1 to ${TEXT_LENGTH_MAX} characters`);
}

function texts(value: unknown, what: string): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > LIST_MAX) throw bad(`${what} is a list of at most ${LIST_MAX}`);
  return value.map((item) => text(item, `each of ${what}`));
}

function integer(value: unknown, what: string, min: number, max: number, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  throw bad(`${what} is an integer from ${min} to ${max}`);
}

function yesOrNo(value: unknown, what: string, fallback: boolean): boolean {
  if (value === undefined) return fallback;
  if (typeof value === 'boolean') return value;
  throw bad(`${what} is true or false`);
}

function bad(message: string): ArtifactError {
  return new ArtifactError('bad-header', `the meta-data of a sensor-firmware payload: ${message}`);
}
