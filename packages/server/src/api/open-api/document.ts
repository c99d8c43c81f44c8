/** The OpenAPI 3.1 document of the HTTP API, made from the contracts that the server routes by. */
import { BODY_BYTES_MAX, PERMISSIONS, type Endpoint } from '@lovely/api';
import { ENDPOINTS, EXAMPLES, NOUNS, type EndpointName, type ExampleOf } from '@lovely/api/catalogue';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../errors.ts';
import { IDEMPOTENCY_KEPT_HOURS } from '../../limits.ts';
import { exampleOf } from './example.ts';
import { OTHER_PATHS } from './other-paths.ts';
import { createSchemas, resolve, type JsonSchema, type Schemas } from './schemas.ts';

export interface OpenApiOptions {
  readonly publicUrl: string;
  readonly version: string;
}

export function openApiDocument({ publicUrl, version }: OpenApiOptions): object {
  const schemas = createSchemas();
  schemas.of(z.array(NOUNS.Problem), 'output');
  // Answers first: where a noun is sent with less than it is answered with, the answer keeps the plain name.
  for (const endpoint of Object.values<Endpoint>(ENDPOINTS))
    if (endpoint.status !== 204) schemas.of(endpoint.result, 'output');
  const paths: Record<string, Record<string, object>> = {};
  for (const [name, endpoint] of Object.entries(ENDPOINTS) as [EndpointName, Endpoint][])
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operation(name, endpoint, schemas);
  for (const { path, method, operation: described } of OTHER_PATHS) (paths[path] ??= {})[method] = described;
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lovely Smart System',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description: DESCRIPTION,
    },
    servers: [{ url: publicUrl }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: [...new Set(Object.values(paths).flatMap((methods) => Object.values(methods).flatMap(tagsOf)))]
      .toSorted()
      .map((name) => ({ name })),
    paths,
    components: {
      schemas: schemas.components,
      responses: problemResponses(),
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'A personal access token, or the token of a sign-in.',
        },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-lovely_login',
          description: 'Set by signing in; a request that changes something then needs an Origin that is ours.',
        },
      },
    },
  };
}

const DESCRIPTION = `Everything that the user interface can do.

* Lists come in pages: send \`next\` of a page as \`cursor\` for the one behind it.
* An answer with a \`version\` has an \`ETag\`. Send it as \`If-None-Match\` to be told 304 when nothing changed, and as
  \`If-Match\` with a change, which is refused with 412 when somebody else was faster. \`If-Match: "<version>"\` does as well.
* Send a POST with an \`Idempotency-Key\`, best a UUID, and send it again with the same key when the answer was lost: it is
  carried out once, and answered the same for ${IDEMPOTENCY_KEPT_HOURS} hours.
* Errors are problem details (RFC 9457) with a \`code\` from the catalogue.
* \`RateLimit\` and \`RateLimit-Policy\` tell how many requests are left; who is refused with 429 waits as \`Retry-After\` says.
* Times are RFC 3339 in UTC, ids are UUIDs. A later version may add members to answers: ignore what you don't know.`;

function operation(name: EndpointName, endpoint: Endpoint, schemas: Schemas): object {
  const { access, action, method, summary, status } = endpoint;
  const example: ExampleOf<Endpoint> | undefined = EXAMPLES[name];
  const takesBody = endpoint.body.type !== 'undefined';
  const body = takesBody ? schemas.of(endpoint.body, 'input') : undefined;
  const result = status === 204 ? undefined : schemas.of(endpoint.result, 'output');
  const isVersioned = result !== undefined && hasVersion(result, schemas);
  const bytesMax = endpoint.bodyBytesMax ?? BODY_BYTES_MAX;
  return {
    operationId: name,
    summary,
    description: [whoMay(access), takesBody ? `A body of at most ${bytesMax} bytes.` : ''].filter(Boolean).join(' '),
    tags: [tagOf(endpoint.path)],
    ...(access === 'anyone' ? { security: [{}] } : {}),
    'x-access': access,
    ...(access in PERMISSIONS ? { 'x-permission': access } : {}),
    ...(action ? { 'x-audit-action': action } : {}),
    parameters: [...parameters(endpoint, schemas), ...headerParameters(method, access, isVersioned)],
    ...(body
      ? { requestBody: { required: true, content: json(body, example?.body ?? exampleOf(body, schemas.components)) } }
      : {}),
    responses: {
      [status]: {
        description: summary,
        ...(isVersioned
          ? { headers: { ETag: { description: 'Changes with the answer.', schema: { type: 'string' } } } }
          : {}),
        ...(result ? { content: json(result, example?.result ?? exampleOf(result, schemas.components)) } : {}),
      },
      ...(isVersioned && method === 'GET'
        ? { 304: { description: 'What you have is still right (If-None-Match).' } }
        : {}),
      ...Object.fromEntries(
        problemsOf(endpoint).map((code) => [code, { $ref: `#/components/responses/Problem${code}` }]),
      ),
    },
  };
}

function whoMay(access: Endpoint['access']): string {
  if (access === 'anyone') return 'Anyone may call it.';
  if (access === 'person') return 'Whoever is signed in may call it, for their own account.';
  return `Needs the permission \`${access}\`: ${PERMISSIONS[access].allows}${
    PERMISSIONS[access].byGroup ? '; it may be limited to groups of devices' : ''
  }.`;
}

/** `/api/v1/devices/{id}` is about devices. */
function tagOf(path: string): string {
  return path.split('/')[3] ?? 'system';
}

function tagsOf(described: object): string[] {
  return (described as { tags?: string[] }).tags ?? [];
}

function parameters(endpoint: Endpoint, schemas: Schemas): object[] {
  const listed = (where: 'path' | 'query'): object[] => {
    const { properties = {}, required = [] } = schemas.of(where === 'path' ? endpoint.params : endpoint.query, 'input');
    return Object.entries(properties).map(([name, schema]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema,
      ...(where === 'path' || required.includes(name) ? { example: exampleOf(schema, schemas.components, name) } : {}),
    }));
  };
  return [...listed('path'), ...listed('query')];
}

function headerParameters(method: string, access: string, isVersioned: boolean): object[] {
  const header = (name: string, example: string) => ({ name, in: 'header', schema: { type: 'string' }, example });
  if (method === 'GET') return isVersioned ? [header('If-None-Match', '"7-0123456789abcdef"')] : [];
  if (access === 'anyone') return [];
  if (method === 'POST') return [header('Idempotency-Key', '"8e03978e-40d5-43dd-bc93-6894a57f9324"')];
  return isVersioned ? [header('If-Match', '"7"')] : [];
}

function hasVersion(schema: JsonSchema, { components }: Schemas): boolean {
  return resolve(resolve(schema, components).properties?.version ?? {}, components).type === 'integer';
}

function json(schema: JsonSchema, example: unknown): object {
  return { 'application/json': { schema, example } };
}

/** The statuses that an operation may be refused with, as far as they follow from its contract. */
function problemsOf({ access, method, path, query, body }: Endpoint): number[] {
  const takesInput = body.type !== 'undefined' || Object.keys((query as { shape?: object }).shape ?? {}).length > 0;
  return [
    ...(takesInput ? [400, 422] : []),
    ...(access === 'anyone' ? [] : [401, 403]),
    ...(path.includes('{') ? [404] : []),
    ...(method === 'GET' ? [] : [409]),
    ...(method === 'GET' || access === 'anyone' || method === 'POST' ? [] : [412]),
    ...(body.type === 'undefined' ? [] : [413]),
    429,
    500,
    503,
  ];
}

/** One response a status, with the codes that have it. */
function problemResponses(): Record<string, object> {
  const codes = Object.keys(ERRORS) as ErrorCode[];
  const statuses = [...new Set(codes.map((code) => ERRORS[code][0]))].toSorted((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => {
      const these = codes.filter((code) => ERRORS[code][0] === status);
      const [, title] = ERRORS[these[0]!];
      const example = {
        type: `/docs/errors#${these[0]}`,
        title,
        status,
        code: these[0],
        detail: title,
        requestId: '4f9c2a1e-7d7b-4a51-9f0e-2f5f6c1d8b11',
      };
      return [
        `Problem${status}`,
        {
          description: these.map((code) => `\`${code}\`: ${ERRORS[code][1]}`).join('\n\n'),
          ...(status === 429 || status === 503
            ? { headers: { 'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } } } }
            : {}),
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example } },
        },
      ];
    }),
  );
}
