/** Runs a nats-server of its own for tests, on a free port of this machine. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface NatsProcess {
  readonly url: string;
  readonly port: number;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/**
 * @param program the path of nats-server
 * @param options `port` takes this one again; `args` are more of its command line
 */
export async function startNats(
  program: string,
  options: { port?: number; args?: string[] } = {},
): Promise<NatsProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'lovely-nats-'));
  const args = [
    '-a',
    '127.0.0.1',
    '-p',
    String(options.port ?? -1),
    '--ports_file_dir',
    folder,
    ...(options.args ?? []),
  ];
  const child = Bun.spawn([program, ...args], { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await child.exited;
    rmSync(folder, { recursive: true, force: true });
  };
  const ports = join(folder, `nats-server_${child.pid}.ports`);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const url = existsSync(ports) ? readUrl(ports) : undefined;
    if (url) return { url: url.href, port: Number(url.port), kill };
    if (child.exitCode !== null || Date.now() > deadline) {
      await kill();
      throw new Error(`${program} ${args.join(' ')} did not start`);
    }
    await delay(10);
  }
}

/** Undefined while the file is being written. */
function readUrl(path: string): URL | undefined {
  try {
    const { nats } = JSON.parse(readFileSync(path, 'utf8')) as { nats: string[] };
    return new URL(nats[0]!);
  } catch {
    return undefined;
  }
}
