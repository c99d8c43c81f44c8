// The pure packages have their own project; what it keeps out must not compile.
import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dir, '../..');
const folder = mkdtempSync(join(tmpdir(), 'lovely-pure-'));
afterAll(() => rmSync(folder, { recursive: true }));

const forbidden = ['process', 'window', 'document', 'setTimeout', 'Buffer', 'Bun', 'fetch', 'console', 'performance'];

test('naming the clock, the network, the DOM, Node or Bun does not compile in a pure package', async () => {
  writeFileSync(
    join(folder, 'impure.ts'),
    `${forbidden.map((name) => `export const of_${name} = ${name};`).join('\n')}\n`,
  );
  writeFileSync(
    join(folder, 'pure.ts'),
    'export const text = new TextDecoder().decode(new TextEncoder().encode(""));\n',
  );
  const project = {
    extends: join(root, 'tsconfig.pure.json'),
    include: [join(folder, '*.ts'), join(root, 'scripts/pure-globals.d.ts')],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const compiler = Bun.spawn([join(root, 'node_modules/.bin/tsc'), '--noEmit', '-p', folder], { stdout: 'pipe' });
  const errors = (await compiler.stdout.text()).trim().split('\n');
  expect(errors.map((line) => /Cannot find name '(\w+)'/.exec(line)?.[1])).toEqual(forbidden);
});
