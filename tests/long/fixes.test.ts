/** Fixes on a real gateway while programs hang, are called off, or are killed: none is lost, and none runs twice. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { cancelFixRun, type ApiError } from '@lovely/api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixesOn, script } from '../harness/fixes.ts';
import { TestGateway } from '../harness/gateway.ts';
import { TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';

let server: TestServer;
let gateway: TestGateway;
let id: string;
let folder: string;

/** Runs nowhere: the alert stays. */
const PROGRAM = `lss${crypto.randomUUID().slice(0, 8)}`;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-fixes-'));
  server = await TestServer.start();
  gateway = await TestGateway.start(server, { args: ['--sample-interval-ms', '200', '--watch', PROGRAM] });
  const device = await server.deviceWith(gateway.serial);
  await server.accept(device);
  id = device.id;
}, 60_000);
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** One that has ended, and that nobody has asked about yet, is still listed. */
function isRunning(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

const { openAlert, makeFix, start, runWhen, ended } = fixesOn(() => ({ server, id }));

test('a script that fails, takes too long, or is called off says how it ended, and nothing of it runs on', async () => {
  const { id: alertId } = await openAlert();
  const failing = await makeFix('Fail', [script('echo oh; exit 3'), script(`touch ${file('after-failure')}`)]);
  expect(await ended((await start(failing, alertId)).id)).toMatchObject({
    state: 'failed',
    code: 'exit',
    exit: 3,
    output: 'oh\n',
  });
  expect(existsSync(file('after-failure'))).toBe(false);

  const slow = await makeFix('Be slow', [script(`echo $$ > ${file('slow')}; sleep 600`, { timeoutMs: 1_000 })]);
  expect(await ended((await start(slow, alertId)).id)).toMatchObject({ state: 'failed', code: 'timed-out' });
  const pid = (await readFile(file('slow'), 'utf8')).trim();
  expect(isRunning(pid)).toBe(false);

  const long = await makeFix('Be long', [script(`echo begun; sleep 600`)]);
  const run = await start(long, alertId);
  await runWhen(run.id, 'it prints', ({ output }) => output === 'begun\n');
  expect(await start(long, alertId).catch((error: ApiError) => error.problem.code)).toBe('fix-running');
  await server.call(cancelFixRun, { params: { id: run.id } });
  expect(await ended(run.id)).toMatchObject({ state: 'cancelled', code: 'called-off' });
}, 60_000);

test('a run goes on when every server process is killed, and is carried out once', async () => {
  const alert = await openAlert();
  const fix = await makeFix('Count', [
    script(
      `echo one >> ${file('count')}; echo begun; while [ ! -e ${file('server-back')} ]; do sleep 0.05; done; echo ended`,
    ),
  ]);
  const run = await start(fix, alert.id);
  await runWhen(run.id, 'it prints', ({ output }) => output === 'begun\n');
  server.process.signal('SIGKILL');
  await server.process.exited;
  await Bun.write(file('server-back'), '');
  await server.restart();
  expect(await ended(run.id)).toMatchObject({ state: 'not-helped', output: 'begun\nended\n', exit: 0 });
  expect(await readFile(file('count'), 'utf8')).toBe('one\n');
}, 90_000);

test('a run whose client is killed counts as interrupted, ends with it, and is not carried out again', async () => {
  const alert = await openAlert();
  const fix = await makeFix('Count again', [script(`echo $$ >> ${file('again')}; echo begun; sleep 600`)]);
  const run = await start(fix, alert.id);
  await runWhen(run.id, 'it prints', ({ output }) => output === 'begun\n');
  gateway.process.signal('SIGKILL');
  await gateway.process.exited;
  gateway.restart();
  expect(await ended(run.id)).toMatchObject({ state: 'failed', code: 'interrupted' });
  const pids = (await readFile(file('again'), 'utf8')).trim().split('\n');
  expect(pids).toHaveLength(1);
  await until('what it left running is gone', () => !isRunning(pids[0]!));
}, 90_000);
