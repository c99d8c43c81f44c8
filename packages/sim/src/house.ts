/** The houses of a fleet. Everything about one follows from the seed and its number. */
import { addressIn } from './street.ts';
import { between, pick, randomOf, type Random } from './random.ts';
import { townPicker, type Town } from './towns.ts';

/** What the gateway of a house is built of. */
export interface Hardware {
  readonly deviceType: string;
  readonly cpuModel: string;
  readonly architecture: string;
  readonly memoryBytes: number;
  readonly diskBytes: number;
}

export interface House {
  readonly index: number;
  /** The gateway's serial number. */
  readonly serial: string;
  readonly name: string;
  readonly address: string;
  /** ISO 3166-1, two letters. */
  readonly country: string;
  readonly latitude: number;
  readonly longitude: number;
  readonly hardware: Hardware;
}

const MIB = 2 ** 20;
const GATEWAYS: readonly Hardware[] = [
  {
    deviceType: 'nice-gateway-1',
    cpuModel: 'ARM Cortex-A7',
    architecture: 'arm',
    memoryBytes: 256 * MIB,
    diskBytes: 2048 * MIB,
  },
  {
    deviceType: 'nice-gateway-2',
    cpuModel: 'ARM Cortex-A53',
    architecture: 'arm64',
    memoryBytes: 512 * MIB,
    diskBytes: 4096 * MIB,
  },
  {
    deviceType: 'nice-gateway-pro',
    cpuModel: 'ARM Cortex-A72',
    architecture: 'arm64',
    memoryBytes: 2048 * MIB,
    diskBytes: 16_384 * MIB,
  },
];

/** The fleet of `count` houses of a seed; a larger fleet of the same seed begins with the same houses. */
export function createHouses(seed: number, count: number): House[] {
  const pickTown = townPicker();
  return Array.from({ length: count }, (_, index) => {
    const random = randomOf(seed, 'house', index);
    const town = pickTown(random);
    return {
      index,
      serial: serialOf(seed, index),
      ...addressIn(town, random),
      country: town.country,
      ...placeNear(town, random),
      hardware: pick(random, GATEWAYS),
    };
  });
}

function serialOf(seed: number, index: number): string {
  return `SIM${seed}-${String(index).padStart(5, '0')}`;
}

const KM_PER_DEGREE = 111.2;
const DECIMALS = 5;

/** Most houses stand close to the middle of their town; a larger town is wider. */
function placeNear(town: Town, random: Random): { latitude: number; longitude: number } {
  const widthKm = Math.min(5, 0.5 * (town.population / 10_000) ** 0.3);
  const distanceKm = Math.min(2.5, Math.sqrt(-2 * Math.log(1 - random()))) * widthKm;
  const angle = between(random, 0, 2 * Math.PI);
  const north = (Math.sin(angle) * distanceKm) / KM_PER_DEGREE;
  const east = (Math.cos(angle) * distanceKm) / KM_PER_DEGREE / Math.cos((town.latitude * Math.PI) / 180);
  return {
    latitude: Number((town.latitude + north).toFixed(DECIMALS)),
    longitude: Number((town.longitude + east).toFixed(DECIMALS)),
  };
}
