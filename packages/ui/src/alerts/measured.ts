/** What was measured when an alert was raised, written for people. */
import { describeMetric, type Alert } from '@lovely/api';
import { vitalOf } from '../device/vitals.ts';

interface Measured {
  readonly name: string;
  readonly value: string;
}

/** The value that counts stands first, by the name of its metric; what only says the same again is left out. */
export function measured(values: Alert['values']): Measured[] {
  const { metric, value, ...rest } = values;
  const isNamed = typeof metric === 'string' && value !== undefined;
  const others = isNamed ? rest : values;
  return [
    ...(isNamed ? [{ name: describeMetric(metric).title, value: vitalOf({ name: metric, value, ts: '' }).text }] : []),
    ...Object.entries(others)
      .filter(([, other]) => !isNamed || other !== value)
      .map(([name, other]) => {
        const { label, text } = vitalOf({ name, value: other, ts: '' });
        return { name: `${label.slice(0, 1).toUpperCase()}${label.slice(1)}`, value: text };
      }),
  ];
}
