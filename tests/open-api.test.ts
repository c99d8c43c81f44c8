/** The OpenAPI document is one by the rules of OpenAPI 3.1. */
import { expect, test } from 'bun:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { TestServer } from './harness/server.ts';

test('the document that the server answers with is valid OpenAPI 3.1', async () => {
  await using server = await TestServer.start();
  const document = (await (await server.fetch('/api/openapi.json')).json()) as Record<string, unknown>;
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document);
  expect({ valid, errors }).toMatchObject({ valid: true });
  expect(validator.version).toBe('3.1');
}, 60_000);
