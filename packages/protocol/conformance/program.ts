/** A program that answers one line for each line it is asked. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Program {
  /** Rejects when the program ends, can't be started or takes too long. */
  ask(request: string): Promise<string>;
  end(): void;
}

const ANSWER_TIMEOUT_MS = 10_000;

export function startProgram(command: string, args: readonly string[]): Program {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.stdin.once('error', reject);
    child.stdout.once('close', () => reject(new Error('it ended before it answered')));
  });
  gone.catch(() => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(request) {
      child.stdin.write(`${request}\n`);
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(new Error(`no answer in ${ANSWER_TIMEOUT_MS} ms`)), ANSWER_TIMEOUT_MS);
      try {
        const line = await Promise.race([lines.next(), gone, late.promise]);
        return line.done ? await gone : line.value;
      } finally {
        clearTimeout(timer);
      }
    },
    end() {
      // Its own children see the end of the input.
      child.stdin.destroy();
      child.kill();
    },
  };
}
