/** A schema in short words, and an example of what it describes. */
import { resolved, type OpenApi, type Schema } from './open-api.ts';

/** Deeper than any contract: a schema may hold itself. */
const DEPTH_MAX = 8;

/** E.g. "text, 1 to 200 characters", "list of id", "one of on, off, or null". */
export function typeText(document: OpenApi, given: Schema, depth = 0): string {
  const schema = resolved(document, given);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices && depth < DEPTH_MAX)
    return [...new Set(choices.map((choice) => typeText(document, choice, depth + 1)))].join(' or ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return `one of ${schema.enum.map(String).join(', ')}`;
  const types = Array.isArray(schema.type) ? schema.type : [schema.type ?? 'anything'];
  return types.map((type: string) => oneType(document, schema, type, depth)).join(' or ');
}

function oneType(document: OpenApi, schema: Schema, type: string, depth: number): string {
  switch (type) {
    case 'string':
      return `${FORMATS[schema.format ?? ''] ?? 'text'}${range(schema.minLength, schema.maxLength, 'characters')}`;
    case 'integer':
      return `whole number${range(bound(schema.minimum), bound(schema.maximum), '')}`;
    case 'number':
      return `number${range(schema.minimum, schema.maximum, '')}`;
    case 'array':
      return schema.items && depth < DEPTH_MAX ? `list of ${typeText(document, schema.items, depth + 1)}` : 'list';
    case 'object':
      return 'object';
    case 'boolean':
      return 'true or false';
    default:
      return type;
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  uuid: 'id',
  'date-time': 'time',
  date: 'day',
  email: 'e-mail address',
  uri: 'URL',
};

/** The ends of what a number can be at all say nothing. */
function bound(value: number | undefined): number | undefined {
  return value !== undefined && Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}

function range(from: number | undefined, to: number | undefined, unit: string): string {
  if (from === undefined && to === undefined) return '';
  const text =
    from === undefined
      ? `at most ${to}`
      : to === undefined
        ? `at least ${from}`
        : from === to
          ? from
          : `${from} to ${to}`;
  return `, ${text}${unit === '' ? '' : ` ${unit}`}`;
}

/** A value that fits the schema. */
export function exampleOf(document: OpenApi, given: Schema, depth = 0): unknown {
  const schema = resolved(document, given);
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (depth >= DEPTH_MAX) return null;
  const [choice] = schema.anyOf ?? schema.oneOf ?? [];
  if (choice) return exampleOf(document, choice, depth + 1);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, of]) => [name, exampleOf(document, of, depth + 1)]),
      );
    case 'array':
      return schema.items ? [exampleOf(document, schema.items, depth + 1)] : [];
    case 'string':
      return EXAMPLES[schema.format ?? ''] ?? 'text';
    case 'integer':
    case 'number':
      return Math.max(1, bound(schema.minimum) ?? 1);
    case 'boolean':
      return true;
    default:
      return null;
  }
}

const EXAMPLES: Readonly<Record<string, string>> = {
  uuid: '3f1c8a52-6f4b-4c55-9d0e-2a7b6c1d0e9f',
  'date-time': '2026-11-22T12:00:00Z',
  date: '2026-11-22',
  email: 'ada@example.com',
  uri: 'https://example.com',
};
