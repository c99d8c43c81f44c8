/** A red house and one click: a real gateway runs a real fix, says what it prints, and is green again. Or not, and says so. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { getDevice, getFix, listAudit, listFixes, putDeviceConfiguration, getDeviceConfiguration } from '@lovely/api';
import { chmod, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixesOn, script } from './harness/fixes.ts';
import { TestGateway } from './harness/gateway.ts';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';

let server: TestServer;
let gateway: TestGateway;
let id: string;
let folder: string;

/** A program of its own name, so that no other process of this machine is meant. */
const PROGRAM = `lss${crypto.randomUUID().slice(0, 8)}`;
const file = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lovely-fixes-'));
  await copyFile('/bin/sleep', file(PROGRAM));
  await chmod(file(PROGRAM), 0o755);
  server = await TestServer.start();
  const joined = await TestGateway.join(server, { args: ['--sample-interval-ms', '200', '--watch', PROGRAM] });
  gateway = joined;
  id = joined.id;
}, 60_000);
afterAll(async () => {
  await stopProgram();
  await gateway[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

async function stopProgram(): Promise<void> {
  const pid = await readFile(file('pid'), 'utf8').catch(() => undefined);
  await rm(file('pid'), { force: true });
  if (pid !== undefined) process.kill(Number(pid), 'SIGKILL');
}

const { openAlert, makeFix, start, runWhen, ended } = fixesOn(() => ({ server, id }));

test('a fix that helps makes the house green, shows what it prints meanwhile, and is counted', async () => {
  const alert = await openAlert();
  const fix = await makeFix(
    'Start the program',
    [
      script(
        `echo "starting $PARAMETER_PROGRAM"
        while [ ! -e ${file('go')} ]; do sleep 0.05; done
        setsid ${file(PROGRAM)} "$PARAMETER_SECONDS" >/dev/null 2>&1 &
        echo $! > ${file('pid')}
        echo "it runs" >&2`,
      ),
    ],
    {
      checkMs: 60_000,
      parameters: [
        { name: 'program', title: 'Program', type: 'text', choices: [], default: '{target}' },
        { name: 'seconds', title: 'Seconds', type: 'number', choices: [], default: null },
      ],
    },
  );
  const run = await start(fix, alert.id, { seconds: 600 });
  expect(run).toMatchObject({ state: 'waiting', source: PROGRAM, steps: 1 });
  const printing = await runWhen(run.id, 'its first words are here', ({ output }) => output.includes('\n'));
  expect(printing).toMatchObject({ state: 'running', output: `starting ${PROGRAM}\n`, endedAt: null });
  await Bun.write(file('go'), '');
  const end = await ended(run.id);
  expect(end).toMatchObject({
    state: 'helped',
    output: `starting ${PROGRAM}\nit runs\n`,
    exit: 0,
    stepsDone: 1,
    startedBy: { type: 'user' },
  });
  await until('the house is green', async () => (await server.call(getDevice, { params: { id } })).health === 'ok');
  expect((await server.call(getFix, { params: { id: fix.id } })).stats).toMatchObject({ tried: 1, helped: 1 });
  const { items } = await server.call(listAudit, { query: { action: 'fix.run' } });
  expect(items[0]).toMatchObject({ result: 'success', details: { run: run.id, fix: 'Start the program' } });
  await stopProgram();
}, 60_000);

test('a fix that does not help says so, and stands below one that does', async () => {
  const alert = await openAlert();
  const fix = await makeFix('Do nothing', [script('echo hoping')]);
  const run = await start(fix, alert.id);
  await runWhen(run.id, 'it is checked', ({ state }) => state === 'checking');
  expect(await ended(run.id)).toMatchObject({ state: 'not-helped', output: 'hoping\n' });
  const { items } = await server.call(listFixes, { query: { alertId: alert.id } });
  const titles = items.map(({ title }) => title);
  expect(titles.indexOf('Start the program')).toBeLessThan(titles.indexOf('Do nothing'));
  expect(titles).toContain('Restart the service');
}, 60_000);

test('what a house should be set to reaches it at once, and it says so', async () => {
  const desired = { 'report.intervalMs': 60_000, 'sensor/oven-1/childLock': true };
  await server.call(putDeviceConfiguration, { params: { id }, body: { values: desired, confirmMs: null, note: '' } });
  const configuration = await until('it is reported', async () => {
    const now = await server.call(getDeviceConfiguration, { params: { id } });
    return now.reportedVersion === now.version ? now : undefined;
  });
  expect(configuration).toMatchObject({ desired, reported: desired, version: 1 });
});

test('a fix may change the configuration, and waits until the house has it', async () => {
  const { id: alertId } = await openAlert();
  const fix = await makeFix('Set', [{ kind: 'configuration', values: { watched: '{target}' } }, script('echo then')]);
  expect(await ended((await start(fix, alertId)).id)).toMatchObject({
    state: 'not-helped',
    output: 'then\n',
    steps: 2,
  });
  const { reported } = await server.call(getDeviceConfiguration, { params: { id } });
  expect(reported).toMatchObject({ watched: PROGRAM, 'report.intervalMs': 60_000 });
}, 60_000);

test('a gateway whose owner allows nothing refuses, and says why', async () => {
  const { id: alertId } = await openAlert();
  const fix = await makeFix('Forbidden', [script(`touch ${file('forbidden')}`)]);
  await gateway.process.stop();
  const closed = await TestGateway.start(server, {
    serial: gateway.serial,
    dataDir: gateway.dataDir,
    args: ['--sample-interval-ms', '200', '--watch', PROGRAM, '--actions', 'commands'],
  });
  try {
    const end = await ended((await start(fix, alertId)).id);
    expect(end).toMatchObject({ state: 'refused', code: 'not-allowed' });
    expect(end.reason).toContain('does not allow scripts');
    expect(existsSync(file('forbidden'))).toBe(false);
  } finally {
    await closed.process.stop();
  }
}, 60_000);
