/** How a deployment goes, as names and words; what is as it always is, is left out. */
import type { DeploymentOptions } from '@lovely/api';
import { count } from '../format/number.ts';
import { exactly } from '../format/time.ts';
import type { Fact } from '../parts/Facts.tsx';
import { PAUSES, PRIORITIES, shortGatesText, speedText, windowText } from './options-text.ts';

export function optionFacts(options: DeploymentOptions): Fact[] {
  const { gates, endAt, window, parallelMax, bytesPerSecond, retries, priority, pauseBefore, force, joins, sensors } =
    options;
  const facts: (Fact | false)[] = [
    { name: 'Pauses by itself when', value: gates === null ? 'never' : shortGatesText(gates) },
    endAt !== null && { name: 'Ends', value: exactly(endAt) },
    window !== null && { name: 'Maintenance window', value: windowText(window) },
    { name: 'Downloads at the same time', value: `${count(parallelMax)} at most` },
    bytesPerSecond !== null && { name: 'Speed of each', value: `${speedText(bytesPerSecond)} at most` },
    { name: 'Tries after a failure', value: retries === 0 ? 'none' : `${count(retries)} more` },
    priority !== 0 && {
      name: 'Priority',
      value: PRIORITIES.find(({ value }) => value === priority)?.label ?? String(priority),
    },
    pauseBefore.length > 0 && {
      name: 'Each house waits for you',
      value: pauseBefore.map((pause) => PAUSES[pause]).join(', '),
    },
    force && { name: 'Installed again', value: 'also where it is installed' },
    joins && { name: 'New houses', value: 'join as they come' },
    sensors !== null && { name: 'Sensors', value: sensors.join(', ') },
  ];
  return facts.filter((fact) => fact !== false);
}
