import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import * as api from '@lovely/api';
import type { Endpoint } from '@lovely/api';
import { ENDPOINTS } from '@lovely/api/catalogue';
import { startTestApi, type TestApi } from '../test-api.ts';
import { openApiDocument } from './document.ts';

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly requestBody?: { content: Record<string, { example: unknown }> };
  readonly responses: Record<string, { content?: Record<string, { example: unknown }> }>;
}
type Document = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, unknown>; readonly responses: Record<string, unknown> };
};
const endpoints = Object.entries<Endpoint>(ENDPOINTS);
const document = openApiDocument({ publicUrl: 'https://lovely.example.com', version: '1.2.3' }) as Document;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));

let server: TestApi;
beforeAll(async () => {
  server = await startTestApi();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

test('every contract that the package exports is in the list of all', () => {
  const exported = Object.entries(api).flatMap(([name, value]) =>
    typeof value === 'object' && 'method' in value && 'path' in value ? [name] : [],
  );
  expect(Object.keys(ENDPOINTS).toSorted()).toEqual(exported.toSorted());
});

test('every contract is routed by the server, and each method and path once', () => {
  const routed = new Set(server.api.routes.map(({ method, path }) => `${method} ${path}`));
  const wanted = endpoints.map(([, { method, path }]) => `${method} ${path.replace(/\{(\w+)\}/g, ':$1')}`);
  expect(wanted.filter((one) => !routed.has(one))).toEqual([]);
  expect(new Set(wanted).size).toBe(wanted.length);
});

test('each operation has an id of its own, a summary, and says who may call it', () => {
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  for (const operation of operations)
    expect(operation).toMatchObject({ 'x-access': expect.any(String), tags: [expect.any(String)] });
});

test('every reference leads somewhere', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(schemas|responses)\/([^"]+)"/g)];
  expect(refs.length).toBeGreaterThan(endpoints.length);
  const lost = refs.filter(([, kind, name]) => !(name! in document.components[kind as 'schemas' | 'responses']));
  expect(lost.map(([ref]) => ref)).toEqual([]);
});

describe('the examples of', () => {
  for (const [name, endpoint] of endpoints)
    test(`${name} are what the contract takes and gives`, () => {
      const operation = operations.find(({ operationId }) => operationId === name)!;
      const body = operation.requestBody?.content['application/json']?.example;
      const result = operation.responses[endpoint.status]?.content?.['application/json']?.example;
      expect(endpoint.body.safeParse(body).error?.issues ?? []).toEqual([]);
      expect(endpoint.result.safeParse(result).error?.issues ?? []).toEqual([]);
    });
});

test('the document is served to anyone, and not again to who has it', async () => {
  const first = await server.call(null, 'GET', '/api/openapi.json');
  expect([first.status, first.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(((await first.json()) as { openapi: string }).openapi).toBe('3.1.0');
  const request = new Request('https://lovely.example.com/api/openapi.json', {
    headers: { 'if-none-match': first.headers.get('etag')! },
  });
  expect(((await server.api.answer(request, '192.0.2.1')) as Response).status).toBe(304);
});
