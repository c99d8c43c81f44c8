/** The description of the HTTP API (OpenAPI 3.1) as the documentation shows it. */
import { z } from 'zod';

/** The part of JSON Schema 2020-12 that contracts use. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
}

const schema = z.custom<Schema>((value) => typeof value === 'object' && value !== null);

const mediaType = z.object({ schema: schema.optional(), example: z.unknown().optional() });

const parameter = z.object({
  name: z.string(),
  in: z.string(),
  required: z.boolean().optional(),
  description: z.string().optional(),
  schema: schema.optional(),
});
export type Parameter = z.infer<typeof parameter>;

const response = z.object({ description: z.string().optional(), content: z.record(z.string(), mediaType).optional() });

const operation = z.object({
  operationId: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  tags: z.array(z.string()).optional(),
  parameters: z.array(z.unknown()).optional(),
  requestBody: z.object({ content: z.record(z.string(), mediaType) }).optional(),
  responses: z.record(z.string(), z.unknown()),
  'x-permission': z.string().optional(),
});

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export const openApi = z.object({
  info: z.object({ title: z.string(), version: z.string(), description: z.string().optional() }),
  tags: z.array(z.object({ name: z.string(), description: z.string().optional() })).optional(),
  paths: z.record(z.string(), z.partialRecord(z.enum(METHODS), operation)),
  components: z
    .object({
      schemas: z.record(z.string(), schema).optional(),
      parameters: z.record(z.string(), parameter).optional(),
      responses: z.record(z.string(), response).optional(),
    })
    .optional(),
});
export type OpenApi = z.infer<typeof openApi>;

export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly permission: string | undefined;
  readonly parameters: readonly Parameter[];
  readonly body: z.infer<typeof mediaType> | undefined;
  /** The answer of success. */
  readonly status: string;
  readonly result: z.infer<typeof mediaType> | undefined;
}

/** All operations in the order of the document. */
export function operationsOf(document: OpenApi): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const described = methods[method];
      if (!described) return [];
      const [status = '200', answer] = Object.entries(described.responses).find(([code]) => code.startsWith('2')) ?? [];
      const result = referred(document, 'responses', answer, response)?.content;
      return [
        {
          id: described.operationId ?? `${method}-${path}`,
          tag: described.tags?.[0] ?? 'other',
          method: method.toUpperCase(),
          path,
          summary: described.summary ?? '',
          description: described.description ?? '',
          permission: described['x-permission'],
          parameters: (described.parameters ?? []).flatMap(
            (given) => referred(document, 'parameters', given, parameter) ?? [],
          ),
          body: Object.values(described.requestBody?.content ?? {})[0],
          status,
          result: Object.values(result ?? {})[0],
        },
      ];
    }),
  );
}

/** Those whose method, path, words or permission have every word of the search. */
export function matching(operations: readonly Operation[], search: string): Operation[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter(({ method, path, summary, tag, permission }) => {
    const text = `${method} ${path} ${summary} ${tag} ${permission ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A schema, or the one that it refers to. */
export function resolved(document: OpenApi, of: Schema): Schema {
  const name = of.$ref?.replace('#/components/schemas/', '');
  return (name !== undefined && document.components?.schemas?.[name]) || of;
}

function referred<T>(
  document: OpenApi,
  kind: 'parameters' | 'responses',
  given: unknown,
  shape: z.ZodType<T>,
): T | undefined {
  const reference = z.object({ $ref: z.string() }).safeParse(given);
  const name = reference.data?.$ref.replace(`#/components/${kind}/`, '');
  return shape.safeParse(name === undefined ? given : document.components?.[kind]?.[name]).data;
}
