import { expect, test } from 'bun:test';
import { curlOf } from './curl.ts';
import { matching, openApi, operationsOf } from './open-api.ts';
import { exampleOf, typeText } from './schema-text.ts';

const document = openApi.parse({
  openapi: '3.1.0',
  info: { title: 'A system', version: '1' },
  paths: {
    '/api/v1/things/{id}': {
      get: {
        summary: 'One thing',
        tags: ['things'],
        'x-permission': 'fleet.read',
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } }],
        responses: {
          200: {
            description: 'Yes',
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } },
          },
        },
      },
      patch: {
        summary: 'Change a thing',
        requestBody: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } },
        responses: { 204: { $ref: '#/components/responses/Nothing' } },
      },
    },
  },
  components: {
    responses: { Nothing: { description: 'Done' } },
    schemas: {
      Thing: {
        type: 'object',
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200 },
          count: { type: 'integer', minimum: -9007199254740991, maximum: 9007199254740991 },
          parts: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
          owner: { anyOf: [{ type: 'string', format: 'uuid' }, { type: 'null' }] },
        },
      },
    },
  },
});
const [read, change] = operationsOf(document);

test('operations know their permission, parameters, body and result', () => {
  expect(read).toMatchObject({ method: 'GET', tag: 'things', permission: 'fleet.read', status: '200' });
  expect(read!.parameters.map(({ name }) => name)).toEqual(['id']);
  expect(change).toMatchObject({ method: 'PATCH', status: '204', result: undefined });
});

test('a search finds by every word of it', () => {
  expect(matching([read!, change!], 'patch things')).toEqual([change!]);
  expect(matching([read!, change!], 'fleet.read')).toEqual([read!]);
  expect(matching([read!, change!], '')).toHaveLength(2);
});

test('a schema reads in short words', () => {
  const { properties } = document.components!.schemas!.Thing!;
  expect(typeText(document, properties!.name!)).toBe('text, 1 to 200 characters');
  expect(typeText(document, properties!.count!)).toBe('whole number');
  expect(typeText(document, properties!.owner!)).toBe('id or null');
  expect(typeText(document, properties!.parts!)).toBe('list of object');
});

test('an example ends, also of a schema that holds itself', () => {
  expect(exampleOf(document, { $ref: '#/components/schemas/Thing' })).toMatchObject({ name: 'text', count: 1 });
});

test('a call for the shell survives quotes in its body', () => {
  expect(curlOf(change!, 'https://lovely.example', { name: "Ada's" })).toBe(
    [
      `curl -X PATCH 'https://lovely.example/api/v1/things/{id}' \\`,
      `  -H "Authorization: Bearer $TOKEN" \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d '{"name":"Ada'\\''s"}'`,
    ].join('\n'),
  );
});
