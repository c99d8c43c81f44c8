import { afterAll, expect, test } from 'bun:test';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { silentLog } from '../log.ts';
import { configureScripts } from './configure-scripts.ts';

afterAll(removeTemporaryFolders);

const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

function scripts(of: Record<string, string>, timeoutMs = 10_000) {
  const folder = temporaryFolder();
  const dir = join(folder, 'apply.d');
  mkdirSync(dir);
  for (const [name, content] of Object.entries(of)) {
    writeFileSync(join(dir, name), `#!/bin/sh\n${content}\n`);
    chmodSync(join(dir, name), 0o755);
  }
  const run = configureScripts({
    folder: dir,
    scratchDir: join(folder, 'scratch'),
    environment: { PATH },
    timeoutMs,
    log: silentLog,
  });
  return { dir, out: join(folder, 'out'), run };
}

const never = new AbortController().signal;

test('programs run by name, each with the file of the values and the same on its input', async () => {
  const made = scripts({});
  for (const name of ['20-second', '10-first']) {
    writeFileSync(join(made.dir, name), `#!/bin/sh\necho ${name} >> ${made.out}\ncat "$1" - >> ${made.out}\n`);
    chmodSync(join(made.dir, name), 0o755);
  }
  expect(await made.run({ timezone: 'Europe/Rome', port: 8080, dark: true }, never)).toEqual({
    problems: [],
    wantsRestart: false,
  });
  const values = '{\n  "timezone": "Europe/Rome",\n  "port": "8080",\n  "dark": "true"\n}\n';
  expect(readFileSync(made.out, 'utf8')).toBe(`10-first\n${values}${values}20-second\n${values}${values}`);
});

test('what fails is told with its last words, 20 asks for a restart, and the others run all the same', async () => {
  const made = scripts(
    {
      '10-bad': 'echo one; echo "no such zone" >&2; exit 3',
      '20-later': 'exit 20',
      '30-good': 'exit 0',
      '40-slow': 'echo waiting; sleep 60',
    },
    300,
  );
  expect(await made.run({}, never)).toEqual({
    problems: [{ message: '10-bad ended with 3: no such zone' }, { message: '40-slow took longer than 0 s: waiting' }],
    wantsRestart: true,
  });
});

test('what somebody else may change, or nobody may run, is left alone', async () => {
  const made = scripts({ 'for-all': 'exit 1', 'not-executable': 'exit 1' });
  chmodSync(join(made.dir, 'for-all'), 0o777);
  chmodSync(join(made.dir, 'not-executable'), 0o644);
  mkdirSync(join(made.dir, 'folder'));
  expect(await made.run({ a: 1 }, never)).toEqual({ problems: [], wantsRestart: false });
  expect(existsSync(made.out)).toBe(false);
});
