/** A schema while somebody writes it. */
import {
  ApiError,
  type ConfigurationField,
  type ConfigurationSchema,
  type ConfigurationSchemaDraft,
} from '@lovely/api';

export const FIELD_TYPES: readonly { readonly value: ConfigurationField['type']; readonly label: string }[] = [
  { value: 'boolean', label: 'Yes or no' },
  { value: 'integer', label: 'Whole number' },
  { value: 'number', label: 'Number' },
  { value: 'duration', label: 'Duration' },
  { value: 'text', label: 'Text' },
  { value: 'choice', label: 'One of some' },
];

export const BLANK_SCHEMA: ConfigurationSchemaDraft = {
  title: '',
  of: { kind: 'gateway', deviceTypes: [] },
  fields: [],
  takesUnknown: true,
};

export const BLANK_FIELD: ConfigurationField = {
  key: '',
  title: '',
  description: '',
  type: 'text',
  unit: '',
  min: null,
  max: null,
  lengthMax: null,
  pattern: '',
  choices: [],
  default: null,
  needsRestart: false,
};

export function draftOf({ title, of, fields, takesUnknown }: ConfigurationSchema): ConfigurationSchemaDraft {
  return { title, of, fields, takesUnknown };
}

/** A key that no other schema has, made of a title. */
export function keyFor(title: string, others: readonly ConfigurationSchema[]): string {
  const base =
    title
      .toLowerCase()
      .normalize('NFKD')
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 56) || 'schema';
  const taken = new Set(others.map(({ key }) => key));
  for (let number = 1; ; number++) {
    const key = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(key)) return key;
  }
}

/** What the server said is wrong, by field and member, e.g. "0/max". */
export function schemaErrors(error: unknown): Map<string, string> {
  if (!(error instanceof ApiError)) return new Map();
  const { errors, pointer, detail } = error.problem;
  const all = errors ?? (pointer === undefined ? [] : [{ pointer, detail }]);
  return new Map(all.map((each) => [each.pointer.replace(/^\/fields\//, '').replace(/^\//, ''), each.detail]));
}
