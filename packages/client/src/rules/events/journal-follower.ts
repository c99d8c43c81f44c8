/** Follows the system's journal, of one unit or whole, through journalctl; starts it again when it ends. */
import type { ChildProcess } from 'node:child_process';
import type { Clock } from '../../clock.ts';
import { JOURNAL_RETRY_MS } from '../../limits.ts';
import { Lines } from './lines.ts';

/** Tells the lines that are added from now on; returns what ends that. */
export function followJournal(
  unit: string,
  clock: Clock,
  told: (lines: readonly string[]) => void,
  program = 'journalctl',
): () => void {
  let child: ChildProcess | undefined;
  let cancelRetry = (): void => undefined;
  let isOver = false;

  async function start(): Promise<void> {
    // Loaded on demand: most gateways have no rule for the journal.
    const { spawn } = await import('node:child_process');
    if (isOver) return;
    const lines = new Lines();
    const args = ['--follow', '--lines=0', '--output=cat', '--no-pager', ...(unit === '' ? [] : [`--unit=${unit}`])];
    child = spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout?.on('data', (chunk: Uint8Array) => told(lines.take(chunk)));
    const again = (): void => {
      if (!isOver) cancelRetry = clock.after(JOURNAL_RETRY_MS, () => void start());
    };
    // A host without systemd has no such program: it may be installed later.
    child.once('error', again);
    child.once('exit', again);
  }

  void start();
  return () => {
    isOver = true;
    cancelRetry();
    child?.kill();
  };
}
