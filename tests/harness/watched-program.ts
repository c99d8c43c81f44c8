/** A program that gateways of a test watch, and the fix that starts it. */
import type { Body, createFix } from '@lovely/api';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Of its own name, so that no other process of this machine is meant. */
export const PROGRAM = `lss${crypto.randomUUID().slice(0, 8)}`;

/** A script that starts the watched program, which is gone at the end. */
export async function temporaryProgram(): Promise<AsyncDisposable & { readonly script: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-program-'));
  const pidFile = join(folder, 'pid');
  return {
    script: `set -e
cp /bin/sleep '${join(folder, PROGRAM)}'
setsid '${join(folder, PROGRAM)}' 600 >/dev/null 2>&1 </dev/null &
echo $! > '${pidFile}'
echo started
`,
    async [Symbol.asyncDispose]() {
      const pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'));
      if (pid > 0) process.kill(pid, 'SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

export function startByHand(content: string): Body<typeof createFix> {
  return {
    rule: 'service-down',
    title: 'Start it by hand',
    steps: ['Starts the program again.'],
    risk: 'low',
    takesMs: 2_000,
    parameters: [],
    actions: [{ kind: 'script', interpreter: 'sh', content, timeoutMs: 20_000 }],
    checkMs: 60_000,
    automatic: { enabled: false, perHouseAndDayMax: 1, perHourMax: 20, minSuccess: 0.7, severities: [], groupIds: [] },
  };
}
