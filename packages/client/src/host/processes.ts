/** Which of the named programs run, by a look into /proc. */
import { basename } from 'node:path';
import { entriesOf, textOf } from './source.ts';

export function runningProcesses(names: readonly string[], folder = '/proc'): Set<string> {
  const running = new Set<string>();
  if (names.length === 0) return running;
  for (const pid of entriesOf(folder)) {
    if (!/^\d+$/.test(pid)) continue;
    for (const name of namesOf(`${folder}/${pid}`)) if (names.includes(name)) running.add(name);
    if (running.size === names.length) break;
  }
  return running;
}

/** The kernel cuts `comm` to 15 characters, so the program's own first argument counts too. A zombie doesn't run. */
function namesOf(folder: string): string[] {
  const stat = textOf(`${folder}/stat`);
  const [, comm, state] = /^\d+ \((.*)\) (\w)/s.exec(stat ?? '') ?? [];
  if (comm === undefined || state === 'Z' || state === 'X') return [];
  const program = textOf(`${folder}/cmdline`)?.split('\0')[0];
  return program ? [comm, basename(program)] : [comm];
}
