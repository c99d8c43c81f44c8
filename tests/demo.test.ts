// `npm run demo`: a way in, an orderly end, the same again on the same data.
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { call, getDeviceSoftware, listDevices } from '@lovely/api';
import { startProcess, type RunningProcess } from './harness/process.ts';
import { until } from './harness/wait.ts';

const MAIN = join(import.meta.dir, '../packages/sim/src/demo.ts');
const READY_MS = 100_000;

const folder = mkdtempSync(join(tmpdir(), 'lovely-demo-'));
const dataDir = join(folder, 'data');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function startDemo(): Promise<RunningProcess> {
  const demo = startProcess([process.execPath, MAIN, '--houses', '3'], {
    env: { LOVELY_DATA_DIR: dataDir, LOVELY_LISTEN: '127.0.0.1:0', LOVELY_HTTP_LISTEN: '127.0.0.1:0' },
  });
  await demo.line(/^demo: open\s+http:\S+$/m, READY_MS);
  return demo;
}

/** The parts of the demo that run: every process with our data folder in its command. */
function parts(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), command: commandOf(name) }))
    .filter(({ command }) => command.includes(dataDir));
}

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

test('the demo says what to open, and Ctrl-C stops every part of it', async () => {
  await using demo = await startDemo();
  const password = readFileSync(join(dataDir, 'demo-password'), 'utf8').trim();
  expect(statSync(join(dataDir, 'demo-password')).mode & 0o777).toBe(0o600);
  expect(demo.output()).toContain(`password  ${password}`);
  expect(existsSync(join(dataDir, 'demo-client/key.pem'))).toBe(true);
  await until('every part runs', () => ['server', 'client', 'sim'].every(runs));
  await until('every house says what it runs', async () => {
    const told = await softwareOf(/^demo: open\s+(http:\S+)$/m.exec(demo.output())![1]!, password);
    return told.length === 4 && told.every(({ toldBy }) => toldBy === 'client');
  });
  demo.signal('SIGINT');
  expect(await demo.exited).toBe(0);
  expect(parts()).toEqual([]);
});

test('on the same data it starts again with the same password, and a part that dies ends it with the reason', async () => {
  await using demo = await startDemo();
  expect(demo.output()).toContain(readFileSync(join(dataDir, 'demo-password'), 'utf8').trim());
  const client = parts().find(({ command }) => command.includes('client/src/main.ts'))!;
  process.kill(client.pid, 'SIGKILL');
  expect(await demo.exited).toBe(1);
  expect(demo.output()).toContain('the client has ended by itself (SIGKILL)');
  expect(parts()).toEqual([]);
});

/** What the houses run, the three simulated ones and the real one. */
async function softwareOf(origin: string, password: string) {
  const login = await fetch(`${origin}/api/management/v1/useradm/auth/login`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`demo@example.com:${password}`)}` },
  });
  const headers = { authorization: `Bearer ${await login.text()}` };
  const { items } = await call(fetch, origin, listDevices, { query: {} }, headers);
  return await Promise.all(items.map(({ id }) => call(fetch, origin, getDeviceSoftware, { params: { id } }, headers)));
}

function runs(name: string): boolean {
  return parts().some(({ command }) => command.includes(`${name}/src/main.ts`));
}
