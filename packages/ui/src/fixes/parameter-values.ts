/** Values for the parameters of a fix while they are chosen. */
import type { FixParameter, FixValue } from '@lovely/api';

/** What is taken where nobody chooses; parameters that somebody must choose are missing. */
export function defaultValues(parameters: readonly FixParameter[]): Record<string, FixValue> {
  return Object.fromEntries(
    parameters.flatMap(({ name, type, default: value }) =>
      value !== null ? [[name, value]] : type === 'boolean' ? [[name, false]] : [],
    ),
  );
}

/** Whether every parameter has a value of its type. */
export function areComplete(parameters: readonly FixParameter[], values: Readonly<Record<string, FixValue>>): boolean {
  return parameters.every((parameter) => isComplete(parameter, values[parameter.name]));
}

function isComplete({ type, choices }: FixParameter, value: FixValue | undefined): boolean {
  switch (type) {
    case 'number':
      return typeof value === 'number' && !Number.isNaN(value);
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return typeof value === 'string' && choices.includes(value);
    case 'text':
      return typeof value === 'string' && value !== '';
  }
}
