import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { check } from './check.ts';

const codec = `'${process.execPath}' '${join(import.meta.dir, 'codec.ts')}'`;

test('our own codec conforms', async () => {
  expect(await check('sh', ['-c', `exec ${codec}`])).toMatchObject({ failures: [] });
});

test('a codec that loses int64 does not', async () => {
  const { passed, failures } = await check('sh', [
    '-c',
    `${codec} | sed -u 's/{"$int64":"\\([-0-9]*\\)"}/\\1/g; s/^d3/cf/'`,
  ]);
  expect(passed).toBeGreaterThan(100);
  expect(failures.map((failure) => failure.split(':')[0])).toEqual(
    expect.arrayContaining(['parse int64 0', 'generate int64 0', 'parse int64 81920', 'generate int64 81920']),
  );
});

test('a codec that takes what must be refused does not', async () => {
  const { failures } = await check('sh', ['-c', `${codec} | sed -u 's/^error.*/null/'`]);
  expect(failures).toContain('refuse a key twice: was read as null');
});

test('a program that ends, or that is not there, fails', async () => {
  expect((await check('true', [])).failures).toHaveLength(1);
  expect((await check('/nonexistent/codec', [])).failures).toHaveLength(1);
});
