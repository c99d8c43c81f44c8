/** Whether values are as the schemas of a house say, key by key. Pure. */
import type {
  ConfigurationField,
  ConfigurationFormField,
  ConfigurationSchema,
  ConfigurationSchemaDraft,
  ConfigurationValues,
} from '@lovely/api';
import { compilePattern } from '@lovely/protocol';

type Value = ConfigurationValues[string];
export type Schema = ConfigurationSchemaDraft & Pick<ConfigurationSchema, 'key'>;

/** What schemas are chosen by. */
export interface ConfiguredHouse {
  /** Null where it stands for houses of any type, as a group does. */
  readonly deviceType: string | null;
  readonly sensors: readonly {
    readonly id: string;
    readonly name: string;
    readonly kind: string;
    readonly model: string;
  }[];
}

/** Where a key belongs. */
export type Place =
  | { readonly kind: 'client' | 'gateway'; readonly name: string }
  | { readonly kind: 'sensor'; readonly sensor: string; readonly name: string };

export function placeOf(key: string): Place {
  const [, sensor, own] = /^sensor\/([^/]+)\/(.+)$/.exec(key) ?? [];
  if (sensor !== undefined && own !== undefined) return { kind: 'sensor', sensor, name: own };
  return key.startsWith('client/') ? { kind: 'client', name: key.slice(7) } : { kind: 'gateway', name: key };
}

export interface ConfigurationForm {
  readonly fields: ConfigurationFormField[];
  /** Whether the gateway takes keys that no schema names. */
  readonly takesUnknown: boolean;
}

/** All that can be set on a house, by whole keys; where two schemas name a key, the closer one counts. */
export function formOf(schemas: readonly Schema[], house: ConfiguredHouse): ConfigurationForm {
  const fields = new Map<string, ConfigurationFormField>();
  const add = (
    schema: Schema,
    field: ConfigurationField,
    prefix: string,
    sensor: ConfigurationFormField['sensor'],
  ): void => {
    const key = prefix + field.key;
    if (!fields.has(key)) fields.set(key, { ...field, key, schema: schema.key, sensor });
  };
  for (const schema of schemasOf(schemas, { kind: 'client', name: '' }, house))
    for (const field of schema.fields) add(schema, field, 'client/', null);
  for (const schema of schemasOf(schemas, { kind: 'gateway', name: '' }, house))
    for (const field of schema.fields) add(schema, field, '', null);
  for (const { id, name, kind } of house.sensors)
    for (const schema of schemasOf(schemas, { kind: 'sensor', sensor: id, name: '' }, house))
      for (const field of schema.fields) add(schema, field, `sensor/${id}/`, { id, name, kind });
  const gateway = schemasOf(schemas, { kind: 'gateway', name: '' }, house);
  return { fields: [...fields.values()], takesUnknown: !gateway.some(({ takesUnknown }) => !takesUnknown) };
}

/** What is wrong with each value, by its key; empty: all is good. */
export function checkValues(
  schemas: readonly Schema[],
  house: ConfiguredHouse,
  values: ConfigurationValues,
): Map<string, string> {
  const fields = new Map(formOf(schemas, house).fields.map((field) => [field.key, field]));
  const wrong = new Map<string, string>();
  for (const [key, value] of Object.entries(values)) {
    const place = placeOf(key);
    const field = fields.get(key);
    const refused = schemasOf(schemas, place, house).some(({ takesUnknown }) => !takesUnknown);
    const error = field ? checkValue(field, value) : refused ? 'There is no such setting.' : undefined;
    if (error !== undefined) wrong.set(key, error);
  }
  return wrong;
}

/**
 * The same for values of a group, which come to gateways of any type: each must be good for every type that knows its key,
 * and is refused as unknown only where no type knows it and a schema of all types refuses what it does not know.
 */
export function checkGroupValues(schemas: readonly Schema[], values: ConfigurationValues): Map<string, string> {
  const anyHouse: ConfiguredHouse = { deviceType: null, sensors: [] };
  const gateways = schemas.filter(({ of }) => of.kind === 'gateway');
  const wrong = new Map<string, string>();
  for (const [key, value] of Object.entries(values)) {
    const place = placeOf(key);
    // Which sensors its houses have under an id, nobody knows here; each house shows where it is wrong.
    if (place.kind === 'sensor') continue;
    const known =
      place.kind === 'gateway' ? gateways.filter(({ fields }) => fields.some((one) => one.key === key)) : [];
    const error =
      known.length > 0
        ? known
            .map(({ fields }) =>
              checkValue(
                fields.find((one) => one.key === key)!,
                value,
              ),
            )
            .find((each) => each !== undefined)
        : checkValues(schemas, anyHouse, { [key]: value }).get(key);
    if (error !== undefined) wrong.set(key, error);
  }
  return wrong;
}

/** What a group can set: the client's fields and those of all gateways. */
export function groupFormOf(schemas: readonly Schema[]): ConfigurationForm {
  const types = schemas.flatMap(({ of }) => (of.kind === 'gateway' ? of.deviceTypes : []));
  const { takesUnknown } = formOf(schemas, { deviceType: null, sensors: [] });
  const forms = [null, ...new Set(types)].map((deviceType) => formOf(schemas, { deviceType, sensors: [] }).fields);
  return { fields: [...new Map(forms.flat().map((field) => [field.key, field])).values()], takesUnknown };
}

/** What is wrong with a value, in words; undefined: it is good. */
export function checkValue(field: ConfigurationField, value: Value): string | undefined {
  switch (field.type) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'It is true or false.';
    case 'integer':
    case 'duration':
      if (typeof value !== 'number' || !Number.isInteger(value))
        return field.type === 'integer' ? 'It is a whole number.' : 'It is a whole number of milliseconds.';
      return checkRange(field, value);
    case 'number':
      return typeof value === 'number' ? checkRange(field, value) : 'It is a number.';
    case 'choice':
      return field.choices.some((choice) => choice.value === value)
        ? undefined
        : `It is one of ${field.choices.map((choice) => choice.value).join(', ')}.`;
    case 'text':
      if (typeof value !== 'string') return 'It is a text.';
      if (field.lengthMax !== null && value.length > field.lengthMax)
        return `It has at most ${field.lengthMax} characters.`;
      return fits(field.pattern, value) ? undefined : `It does not fit the pattern ${field.pattern}.`;
  }
}

/** A value as its field has it, where a text stands for it, as Mender's configuration knows nothing else. */
export function typedValue(field: ConfigurationField | undefined, text: string): Value {
  switch (field?.type) {
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'integer':
    case 'number':
    case 'duration':
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    default:
      return text;
  }
}

/** What a schema's members ask of each other: pairs of a JSON pointer and what is wrong. */
export function checkSchema({ of, fields }: ConfigurationSchemaDraft): { pointer: string; detail: string }[] {
  const wrong: { pointer: string; detail: string }[] = [];
  const seen = new Set<string>();
  for (const [index, field] of fields.entries()) {
    const at = (member: string, detail: string): void =>
      void wrong.push({ pointer: `/fields/${index}/${member}`, detail });
    if (seen.has(field.key)) at('key', 'There is a field with this key already.');
    seen.add(field.key);
    if (of.kind === 'gateway' && placeOf(field.key).kind !== 'gateway')
      at('key', 'Keys of the client and of sensors belong in schemas of their own.');
    if (field.min !== null && field.max !== null && field.min > field.max) at('max', 'It is not less than the least.');
    if (field.type === 'choice' && field.choices.length === 0) at('choices', 'There is nothing to choose.');
    const pattern = field.pattern === '' ? undefined : compilePattern(field.pattern);
    if (pattern && 'wrong' in pattern) at('pattern', pattern.wrong);
    const fault = field.default === null || pattern ? undefined : checkValue(field, field.default);
    if (fault !== undefined) at('default', fault);
  }
  return wrong;
}

function checkRange({ min, max, unit, type }: ConfigurationField, value: number): string | undefined {
  const of = type === 'duration' ? ' ms' : unit === '' ? '' : ` ${unit}`;
  if (min !== null && value < min) return `It is at least ${min}${of}.`;
  return max !== null && value > max ? `It is at most ${max}${of}.` : undefined;
}

/** The whole text, as patterns of logs look for a part of it. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '') return true;
  const isAnyCase = pattern.startsWith('(?i)');
  const whole = compilePattern(`${isAnyCase ? '(?i)' : ''}^(${isAnyCase ? pattern.slice(4) : pattern})$`);
  // One that was good when it was written and is not any more refuses nothing.
  return 'wrong' in whole || whole.test(text);
}

/** The schemas of a place, the closest first: of a model or type by name before those of any. */
function schemasOf(schemas: readonly Schema[], place: Place, house: ConfiguredHouse): Schema[] {
  return schemas
    .map((schema) => ({ schema, closeness: closenessOf(schema, place, house) }))
    .filter(({ closeness }) => closeness > 0)
    .toSorted((a, b) => b.closeness - a.closeness || (a.schema.key < b.schema.key ? -1 : 1))
    .map(({ schema }) => schema);
}

/** 0: the schema is not of this place. */
function closenessOf({ of }: Schema, place: Place, house: ConfiguredHouse): number {
  switch (of.kind) {
    case 'client':
      return place.kind === 'client' ? 1 : 0;
    case 'gateway':
      if (place.kind !== 'gateway') return 0;
      if (of.deviceTypes.length === 0) return 1;
      return house.deviceType !== null && of.deviceTypes.includes(house.deviceType) ? 2 : 0;
    case 'sensors': {
      const sensor = place.kind === 'sensor' ? house.sensors.find(({ id }) => id === place.sensor) : undefined;
      if (!sensor) return 0;
      const isKind = of.kinds.length === 0 || of.kinds.includes(sensor.kind);
      const isModel = of.models.length === 0 || of.models.includes(sensor.model);
      return isKind && isModel ? 1 + Number(of.kinds.length > 0) + 2 * Number(of.models.length > 0) : 0;
    }
  }
}
