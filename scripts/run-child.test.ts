import { expect, test } from 'bun:test';
import { runChild } from './run-child.ts';

const LONG_MS = 60_000;

test('the status and both streams of a command come back', async () => {
  const { end, output } = await runChild(['sh', '-c', 'echo out; echo err >&2; exit 3'], LONG_MS);
  expect(end).toEqual({ kind: 'exited', status: 3 });
  expect(output.split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('a command over its time is ended with everything it started', async () => {
  const { end, output } = await runChild(['sh', '-c', 'setsid sleep 1000 & echo $!; sleep 1000'], 300);
  expect(end).toEqual({ kind: 'timed-out', timeoutMs: 300 });
  expect(isAlive(Number(output))).toBeFalse();
});

test.skipIf(process.platform !== 'linux')(
  'what outlives a command is named and ended, in another session too',
  async () => {
    const { end, output, leftovers } = await runChild(['sh', '-c', 'setsid sleep 1000 & echo $!'], LONG_MS);
    expect(end).toEqual({ kind: 'exited', status: 0 });
    expect(leftovers).toEqual(['sleep 1000']);
    expect(isAlive(Number(output))).toBeFalse();
  },
);

test('a command that does not exist is told, not thrown', async () => {
  expect((await runChild(['./no-such-command'], LONG_MS)).end.kind).toBe('not-started');
});

/** A dead process that nobody waits for yet still answers to signals, so the state decides. */
function isAlive(pid: number): boolean {
  const state = Bun.spawnSync(['ps', '-o', 'state=', '-p', String(pid)])
    .stdout.toString()
    .trim();
  return state !== '' && !state.startsWith('Z');
}
