/** Runs a tool of the boot loader to its end. */
import { runProcess } from '../../command/process.ts';
import { describeError } from '../../error.ts';
import { BOOT_TOOL_OUTPUT_BYTES_MAX, BOOT_TOOL_TIMEOUT_MS } from '../../limits.ts';
import { BootEnvironmentError } from './boot-environment.ts';

/** A program and the arguments that go before all others. */
export type Tool = readonly [program: string, ...args: string[]];

/** What it prints. Throws BootEnvironmentError when it isn't there, fails, or takes too long. */
export async function runTool([program, ...first]: Tool, args: readonly string[], input?: string): Promise<string> {
  const pieces: Record<'out' | 'err', Uint8Array[]> = { out: [], err: [] };
  let bytesLeft = BOOT_TOOL_OUTPUT_BYTES_MAX;
  const tooLong = AbortSignal.timeout(BOOT_TOOL_TIMEOUT_MS);
  let status: number;
  try {
    status = await runProcess(program, [...first, ...args], {
      environment: ENVIRONMENT,
      signal: tooLong,
      ...(input === undefined ? {} : { input }),
      output(stream, bytes) {
        bytesLeft -= bytes.length;
        if (bytesLeft >= 0) pieces[stream].push(bytes);
      },
      started: () => undefined,
    });
  } catch (cause) {
    throw new BootEnvironmentError(`${program} can't be started: ${describeError(cause)}`, { cause });
  }
  if (tooLong.aborted)
    throw new BootEnvironmentError(`${program} was ended: it took more than ${BOOT_TOOL_TIMEOUT_MS / 1000} seconds`);
  const [said, complained] = [textOf(pieces.out), textOf(pieces.err)];
  if (status !== 0)
    throw new BootEnvironmentError(`${program} failed (exit ${status}): ${firstLine(complained || said)}`);
  if (bytesLeft < 0) throw new BootEnvironmentError(`${program} printed more than an environment holds`);
  return said;
}

const ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

function textOf(pieces: readonly Uint8Array[]): string {
  return Buffer.concat(pieces).toString('utf8');
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0]?.slice(0, 200) || 'it said nothing';
}
