import { expect, test } from 'bun:test';
import { errorsDocument, ERRORS_FILE } from './errors-document.ts';
import { ERRORS, LovelyError } from './errors.ts';

const notTheirUse = /(^|\/)errors(-document)?\.ts$|\.test\.ts$/;

test('docs/errors.md is the catalogue (else run: bun packages/server/src/errors-document.ts)', async () => {
  expect(await Bun.file(ERRORS_FILE).text()).toBe(errorsDocument());
});

test('every code of the catalogue is told somewhere', async () => {
  const files = [...new Bun.Glob('**/*.ts').scanSync(import.meta.dir)].filter((path) => !notTheirUse.test(path));
  const sources = await Promise.all(files.map((path) => Bun.file(`${import.meta.dir}/${path}`).text()));
  const told = new Set(sources.flatMap((source) => source.match(/'[a-z]+(-[a-z]+)*'/g) ?? []));
  expect(Object.keys(ERRORS).filter((code) => !told.has(`'${code}'`))).toEqual([]);
});

test('an error has the status and the title of its code, and tells a detail instead where it has one', () => {
  const plain = new LovelyError('device-offline');
  expect([plain.status, plain.message]).toEqual([409, 'The device is not connected']);
  const cause = new Error('inside');
  const detailed = new LovelyError('bad-input', 'name: too long', { cause, pointer: '/name', retryAfterSeconds: 2 });
  expect(detailed).toMatchObject({ status: 422, message: 'name: too long', cause, pointer: '/name' });
});
