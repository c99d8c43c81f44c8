/** Checks what programs hand over, in one place for both faces. */
import { NAME_LENGTH_MAX, TEXT_LENGTH_MAX, CUSTOM_PROTO_MAX, CUSTOM_PROTO_MIN } from '@lovely/protocol';
import type { SensorDescription, Severity } from '@lovely/protocol';
import { PROGRAM_METRICS_MAX, VALUE_LENGTH_MAX } from '../limits.ts';
import type { Values } from './interface.ts';
import { LocalError } from './local-error.ts';
import { SENSOR_ID } from './sensor-registry.ts';

export function sensorId(text: string): string {
  if (!SENSOR_ID.test(text)) throw invalid('a sensor is named by 1 to 64 of the characters A-Z a-z 0-9 . _ : -');
  return text;
}

/** A rule, a metric, a command: anything but control characters, and no name that a message can't carry. */
export function nameOf(what: string, text: string): string {
  if (text === '__proto__') throw invalid(`${what}: not ${text}`);
  // oxlint-disable-next-line no-control-regex -- exactly these must not get through
  if (text === '' || text.length > NAME_LENGTH_MAX || /[\u0000-\u001f\u007f]/.test(text))
    throw invalid(`${what}: 1 to ${NAME_LENGTH_MAX} characters`);
  return text;
}

export function sentence(what: string, text: string): string {
  if (text.length > TEXT_LENGTH_MAX || text.includes('\0'))
    throw invalid(`${what}: at most ${TEXT_LENGTH_MAX} characters`);
  return text;
}

export function severityOf(text: string): Severity {
  if (text === 'warning' || text === 'critical') return text;
  throw invalid('severity: warning or critical');
}

export function customProto(proto: number): number {
  if (proto >= CUSTOM_PROTO_MIN && proto <= CUSTOM_PROTO_MAX) return proto;
  throw invalid(`proto: ${CUSTOM_PROTO_MIN} to ${CUSTOM_PROTO_MAX}`);
}

export function metrics(values: Values): Values {
  const entries = Object.entries(values);
  if (entries.length > PROGRAM_METRICS_MAX) throw invalid(`values: at most ${PROGRAM_METRICS_MAX}`);
  for (const [name, value] of entries) {
    nameOf('the name of a value', name);
    if (typeof value === 'number' && !Number.isFinite(value)) throw invalid(`${name}: a finite number`);
    if (typeof value === 'string' && (value.length > VALUE_LENGTH_MAX || value.includes('\0')))
      throw invalid(`${name}: at most ${VALUE_LENGTH_MAX} characters`);
  }
  return values;
}

const OPTIONAL = ['name', 'model', 'serial', 'firmware', 'place'] as const;

/** What a sensor is: `kind` must be given, the rest may. */
export function description(id: string, properties: Values): SensorDescription {
  const known = new Set<string>(['kind', ...OPTIONAL]);
  const unknown = Object.keys(properties).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw invalid(`properties: ${JSON.stringify(unknown)} is none of ${[...known].join(', ')}`);
  const text = (name: string): string => {
    const value = properties[name] ?? '';
    if (typeof value !== 'string' || value.length > NAME_LENGTH_MAX || value.includes('\0'))
      throw invalid(`${name}: a text of at most ${NAME_LENGTH_MAX} characters`);
    return value;
  };
  const [name, model, serial, firmware, place] = OPTIONAL.map(text) as [string, string, string, string, string];
  return { id: sensorId(id), kind: nameOf('kind', text('kind')), name, model, serial, firmware, place };
}

export function invalid(message: string): LocalError {
  return new LocalError('InvalidArguments', message);
}
