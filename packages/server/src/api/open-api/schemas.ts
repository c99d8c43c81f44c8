/** JSON schemas of contracts (2020-12, as OpenAPI 3.1 has them): nouns stand once, under their names. */
import { NOUNS } from '@lovely/api/catalogue';
import { z } from 'zod';

/** As much of JSON Schema as zod writes. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
}

export interface Schemas {
  /** The schema of what is sent (`input`) or answered (`output`). */
  of(schema: z.ZodType, direction: 'input' | 'output'): JsonSchema;
  /** `components.schemas`: the nouns that were met. */
  readonly components: Readonly<Record<string, JsonSchema>>;
}

const COMPONENTS = '#/components/schemas/';

export function createSchemas(): Schemas {
  const names = z.registry<{ id: string }>();
  for (const [id, noun] of Object.entries(NOUNS)) names.add(noun, { id });
  const components: Record<string, JsonSchema> = {};

  return {
    components,
    of(schema, direction) {
      const made = z.toJSONSchema(schema, {
        metadata: names,
        io: direction,
        target: 'draft-2020-12',
        // What JSON can't hold, as a date, is a text on the wire; contracts have none.
        unrepresentable: 'any',
        override: ({ jsonSchema }) => {
          // A later version may add members, and a format says what its pattern would.
          if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
          if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
        },
      }) as JsonSchema & { $defs?: Record<string, JsonSchema>; $schema?: string };
      const { $defs: found = {}, $schema: _, ...own } = made;
      // What is sent may leave out more than what is answered: then it has a name of its own.
      const nameOf = (name: string): string => {
        const known = components[name];
        return known === undefined || Bun.deepEquals(known, linked(found[name]!, same)) ? name : `${name}Input`;
      };
      const finalNames = new Map(Object.keys(found).map((name) => [name, direction === 'input' ? nameOf(name) : name]));
      const rename = (name: string): string => finalNames.get(name) ?? name;
      for (const [name, noun] of Object.entries(found)) components[rename(name)] = linked(noun, rename);
      return linked(own, rename);
    },
  };
}

const same = (name: string): string => name;

/** The same with every `$ref` pointing at a component, and without the ids that only named them. */
function linked(schema: JsonSchema, rename: (name: string) => string): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string') return COMPONENTS + rename(value.replace('#/$defs/', ''));
    return value;
  }) as JsonSchema;
}

/** The component that a reference names. */
export function resolve(schema: JsonSchema, components: Schemas['components']): JsonSchema {
  const name = schema.$ref?.replace(COMPONENTS, '');
  return name === undefined ? schema : (components[name] ?? {});
}
