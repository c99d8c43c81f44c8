/** The far end of a shell session: what an operator's terminal would see. */
import { shellInput, shellOutput, type Frame } from '@lovely/protocol';
import { until } from './until.ts';

/** All output of a session so far, as text. */
export function outputOf(frames: readonly Frame[], sid: string): string {
  const bodies = frames.filter((frame) => shellOutput.is(frame) && frame.sid === sid).map(({ body }) => body);
  return Buffer.concat(bodies).toString('utf8');
}

/** Types `line`, and waits until what the shell shows matches. */
export async function type(
  send: (frame: Frame) => void,
  frames: readonly Frame[],
  sid: string,
  line: string,
  shows: RegExp,
): Promise<void> {
  send(shellInput.frame({ user_id: 'u1' }, new TextEncoder().encode(line), sid));
  await until(
    () => shows.test(outputOf(frames, sid)),
    () => `${String(shows)} in ${JSON.stringify(outputOf(frames, sid).slice(-2000))}`,
  );
}
