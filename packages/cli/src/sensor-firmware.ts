/** The words of `lovely artifact write` that say which sensors a firmware is for, and how it gets there. */
import { readSensorFirmware } from '@lovely/artifact';
import { UsageError } from './usage-error.ts';

const LISTS = { kind: 'kinds', model: 'models', from: 'fromVersions', order: 'order' } as const;
const TEXTS = { version: 'version', driver: 'driver' } as const;
const NUMBERS = { parallel: 'parallel', 'wait-seconds': 'waitSeconds' } as const;
const ANSWERS = { atomic: 'atomic', 'after-reboot': 'afterReboot' } as const;

export const SENSOR_WORDS: readonly string[] = [LISTS, TEXTS, NUMBERS, ANSWERS].flatMap((words) => Object.keys(words));

type Json = { readonly [name: string]: unknown };

/** The meta-data of the payload: what stands in a file, with what the words say. Throws UsageError, ArtifactError for what is none. */
export function sensorMetaData(given: ReadonlyMap<string, readonly string[]>, fromFile: Json): Json {
  const metaData: { [name: string]: unknown } = { ...fromFile };
  const last = (word: string): string | undefined => given.get(word)?.at(-1);
  for (const [word, member] of Object.entries(LISTS)) if (given.has(word)) metaData[member] = given.get(word);
  for (const [word, member] of Object.entries(TEXTS)) if (given.has(word)) metaData[member] = last(word);
  for (const [word, member] of Object.entries(NUMBERS)) if (given.has(word)) metaData[member] = Number(last(word));
  for (const [word, member] of Object.entries(ANSWERS))
    if (given.has(word)) metaData[member] = yesOrNo(word, last(word)!);
  readSensorFirmware(metaData);
  return metaData;
}

/** What stands for these sensors in what the gateway provides, such as `lumo-e27`. */
export function sensorsName(metaData: Json): string {
  const { kinds, models } = readSensorFirmware(metaData);
  const words = (models.length > 0 ? models : kinds).toSorted().join('-');
  return words.toLowerCase().replace(/[^a-z0-9]+/g, '-');
}

function yesOrNo(word: string, text: string): boolean {
  if (text === 'yes' || text === 'no') return text === 'yes';
  throw new UsageError(`${word} is yes or no.`);
}
