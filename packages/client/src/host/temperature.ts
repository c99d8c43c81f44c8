import { TEMPERATURES_MAX } from '../limits.ts';
import { entriesOf, rounded, textOf, type Source, type Values } from './source.ts';

const FOLDER = '/sys/class/thermal';

export const readTemperature: Source = () => temperaturesIn(FOLDER);

/** The kernel writes thousandths of a degree; zones of one type are told apart by their number. */
export function temperaturesIn(folder: string): Values {
  const zones = entriesOf(folder)
    .filter((name) => name.startsWith('thermal_zone'))
    .sort()
    .slice(0, TEMPERATURES_MAX);
  const values: { [metric: string]: number } = {};
  for (const zone of zones) {
    const text = textOf(`${folder}/${zone}/temp`);
    const type = textOf(`${folder}/${zone}/type`)?.trim();
    if (text === undefined || !/^-?\d+\s*$/.test(text)) continue;
    const name = `temperature.${type === undefined || type === '' ? zone : type}.celsius`;
    values[name in values ? `temperature.${zone}.celsius` : name] = rounded(Number(text) / 1000, 1);
  }
  return values;
}
