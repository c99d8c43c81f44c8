/** Drivers that are programs: what they are told, how what they print is read, and how they are ended. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/folder.ts';
import { until } from '../../../test/until.ts';
import { endLeftovers, UPDATE_MARK } from '../program.ts';
import type { StepRequest } from './driver.ts';
import { driversIn } from './executable-driver.ts';
import { workDirOf, workDirsIn } from './sensor-run.ts';

afterAll(removeTemporaryFolders);

const SENSOR = {
  id: 'bulb-1',
  kind: 'light-bulb',
  name: '',
  model: 'Lumo E27',
  serial: '7',
  firmware: '1.0',
  place: '',
};

function requestIn(folder: string): StepRequest {
  return {
    step: 'transfer',
    update: 'd1/0/bulb-1',
    sensor: SENSOR,
    version: '2.0',
    firmwareBefore: '1.0',
    files: [{ name: 'bulb.bin', path: '/firmware/bulb.bin', bytes: 7, sha256: 'ab' }],
    workDir: workDirOf(folder, 'bulb-1'),
    timeoutMs: 60_000,
  };
}

/** Runs a script as a driver: how it ended, and what was seen of it on the way. */
async function drive(script: string, signal = new AbortController().signal, folder = temporaryFolder()) {
  writeFileSync(join(folder, 'test'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const percents: (number | undefined)[] = [];
  const log: string[] = [];
  const progress = {
    progress: (percent: number | undefined) => percents.push(percent),
    log: (line: string) => log.push(line),
  };
  const end = await driversIn(folder)('test')(requestIn(folder), progress, signal);
  return { end, percents, log, folder };
}

test('a driver is told everything in its arguments, its environment and its input', async () => {
  const { end, folder } = await drive(
    'pwd; echo "$1 $2 $SENSOR_ID $SENSOR_KIND $SENSOR_MODEL $FIRMWARE_VERSION $FIRMWARE_BEFORE $FIRMWARE_FILE" >"$2/told"; cat >"$2/input"; env >"$2/env"',
  );
  expect(end).toEqual({ kind: 'done', firmware: undefined });
  const { workDir, timeoutMs: _, ...request } = requestIn(folder);
  const read = (name: string): string => readFileSync(join(workDir, name), 'utf8').trim();
  expect(read('told')).toBe(`transfer ${workDir} bulb-1 light-bulb Lumo E27 2.0 1.0 /firmware/bulb.bin`);
  expect(JSON.parse(read('input'))).toEqual({ ...request, timeoutSeconds: 60 });
  expect(read('env')).not.toContain('HOME=');
});

test('the end of a driver says what it means', async () => {
  const ends = async (script: string) => (await drive(script)).end;
  expect(await ends(`printf '{"firmware": "1.0"}'`)).toEqual({ kind: 'done', firmware: '1.0' });
  expect(await ends('echo broken >&2; exit 1')).toEqual({ kind: 'failed', message: 'broken' });
  expect(await ends(`echo '{"message": "too old"}'; exit 69`)).toEqual({ kind: 'refused', message: 'too old' });
  expect(await ends(`echo '{"retryAfterSeconds": 0.5, "message": "asleep"}'; exit 75`)).toEqual({
    kind: 'later',
    retryAfterMs: 500,
    message: 'asleep',
  });
  expect(await ends('exit 75')).toEqual({ kind: 'later', retryAfterMs: undefined, message: 'it is not reachable' });
  expect(await ends('kill -9 $$')).toEqual({ kind: 'failed', message: 'its driver ended with 137' });
  expect(await ends('exit 3')).toEqual({ kind: 'failed', message: 'its driver ended with 3' });
});

test('whatever a driver prints is bounded and taken for what it may be', async () => {
  const garbage = await drive(
    `printf '\\377\\376\\000\\n[1]\\nnull\\n{"percent": 1e999}\\n{"percent": -5}\\n{"percent": 70.9}\\n{"percent": 1e9}\\n'
     printf '{"percent": "x", "firmware": 7, "message": {}, "retryAfterSeconds": "soon"}\\n{"__proto__": {"message": "no"}}\\n'
     i=0; while [ $i -lt 100 ]; do echo "line $i"; i=$((i + 1)); done; exit 4`,
  );
  expect(garbage.end).toEqual({ kind: 'failed', message: 'its driver ended with 4' });
  expect(garbage.percents.filter((percent) => percent !== undefined)).toEqual([0, 70, 100]);
  expect(garbage.log.length).toBeLessThanOrEqual(20);
  const long = await drive(
    `head -c 100000 /dev/zero | tr '\\0' x; echo; head -c 100000 /dev/zero | tr '\\0' y >&2; exit 1`,
  );
  expect((long.end as { message: string }).message.length).toBeLessThanOrEqual(300);
  const flood = await drive('yes "{\\"percent\\": 1}"');
  expect(flood.end).toEqual({ kind: 'failed', message: 'its driver printed more than 1048576 bytes' });
  expect((await drive('exec </dev/null; exit 0')).end.kind).toBe('done');
});

test('a driver that hangs is ended with all that it started', async () => {
  const stopping = new AbortController();
  const folder = temporaryFolder();
  const running = drive('sleep 1000 & echo $! >"$2/child"; sleep 1000; sleep 1000', stopping.signal, folder);
  const child = join(requestIn(folder).workDir, 'child');
  await until(() => existsSync(child) && readFileSync(child, 'utf8').trim() !== '');
  stopping.abort();
  expect((await running).end.kind).toBe('failed');
  await until(() => !isAlive(readFileSync(child, 'utf8').trim()));
}, 20_000);

test('what a driver leaves in the background ends with it', async () => {
  const { end, folder } = await drive('sleep 1000 >/dev/null 2>&1 & echo $! >"$2/child"');
  expect(end.kind).toBe('done');
  await until(() => !isAlive(readFileSync(join(requestIn(folder).workDir, 'child'), 'utf8').trim()));
});

test('what a killed client left behind is ended with all that it started, and nothing else', async () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()];
  const { workDir } = requestIn(folder);
  mkdirSync(workDir, { recursive: true });
  // As a driver runs, but for the client that would end it.
  const start = (home: string) => {
    const env = { PATH: '/usr/bin:/bin', [UPDATE_MARK]: workDirsIn(home) };
    return Bun.spawn(['sh', '-c', 'sleep 1000 & echo $! >child; wait'], {
      env,
      cwd: home,
      detached: true,
      stdout: 'ignore',
    });
  };
  const [left, kept] = [start(folder), start(other)];
  const childOf = (home: string): string => readFileSync(join(home, 'child'), 'utf8').trim();
  await until(() => [folder, other].every((home) => existsSync(join(home, 'child')) && childOf(home) !== ''));
  await endLeftovers(workDirsIn(folder));
  expect([await left.exited, isAlive(childOf(folder))]).toEqual([137, false]);
  expect([kept.exitCode, isAlive(childOf(other))]).toEqual([null, true]);
  process.kill(-kept.pid, 'SIGKILL');
  await kept.exited;
});

function isAlive(pid: string): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}
