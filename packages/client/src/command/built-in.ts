/**
 * The commands that every gateway knows. Each takes typed parameters and starts programs by a list of arguments, never
 * through a shell; docs/fixes.md lists them for people.
 */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import type { CommandParameters } from '@lovely/protocol';

/** What a command may do. */
export interface CommandContext {
  /** Runs a program to its end and returns its exit status; what it prints is the command's output. */
  run(program: string, ...args: string[]): Promise<number>;
  /** The same, with its output returned. */
  read(program: string, ...args: string[]): Promise<{ readonly status: number; readonly text: string }>;
  print(line: string): void;
}

export interface BuiltInCommand {
  /** Only where the gateway's owner allows this kind. */
  readonly kind: 'commands' | 'reboot';
  /** Checks the parameters; throws BadParameter. What it returns carries the command out and gives its exit status. */
  prepare(parameters: CommandParameters): (context: CommandContext) => Promise<number>;
  /** Ends the client or the gateway: done after the end of the run was told. */
  readonly last?: (context: CommandContext) => Promise<number>;
}

export class BadParameter extends Error {}

const SAFE_FOLDERS = ['/tmp', '/var/tmp', '/var/log', '/var/cache'];

export const BUILT_IN: { readonly [name: string]: BuiltInCommand } = {
  'restart-service': {
    kind: 'commands',
    prepare(parameters) {
      const service = serviceName(parameters);
      return async ({ run, print }) => {
        const [program, ...args] = restartOf(service);
        print(`restarting ${service}`);
        return await run(program!, ...args);
      };
    },
  },
  'restart-failed-services': {
    kind: 'commands',
    prepare: () => async (context) => {
      const { status, text } = await context.read(
        'systemctl',
        'list-units',
        '--failed',
        '--plain',
        '--no-legend',
        '--no-pager',
      );
      if (status !== 0) return status;
      const units = text.split('\n').flatMap((line) => line.trim().split(/\s+/)[0] || []);
      if (units.length === 0) context.print('no service has failed');
      let worst = 0;
      for (const unit of units) {
        context.print(`restarting ${unit}`);
        await context.run('systemctl', 'reset-failed', '--', unit);
        worst = Math.max(worst, await context.run('systemctl', 'restart', '--', unit));
      }
      return worst;
    },
  },
  'vacuum-journal': {
    kind: 'commands',
    prepare(parameters) {
      const size = text(parameters, 'size');
      if (!/^[1-9]\d{0,5}[KMG]$/.test(size)) throw new BadParameter('size is a number with K, M or G, as 50M');
      return ({ run }) => run('journalctl', `--vacuum-size=${size}`);
    },
  },
  'remove-old-files': {
    kind: 'commands',
    prepare(parameters) {
      const days = number(parameters, 'days', 1, 3650);
      const folder = safeFolder(text(parameters, 'path'));
      return async ({ run, print }) => {
        print(`deleting files under ${folder} that are older than ${days} days`);
        // It goes down by open folders, so that nobody can put a link in its way; other file systems are left alone.
        return await run('find', folder, '-xdev', '-type', 'f', '-mtime', `+${days - 1}`, '-print', '-delete');
      };
    },
  },
  'restart-largest-program': {
    kind: 'commands',
    prepare: () => async (context) => {
      const largest = largestProgram();
      if (!largest) {
        context.print('there is no program to restart');
        return 1;
      }
      const { pid, name, unit, megabytes } = largest;
      context.print(`${name} (process ${pid}) holds ${megabytes} MB`);
      if (unit !== undefined) {
        context.print(`restarting ${unit}`);
        return await context.run('systemctl', 'restart', '--', unit);
      }
      context.print('it is of no service: it is ended');
      return await context.run('kill', '-TERM', String(pid));
    },
  },
  reboot: {
    kind: 'reboot',
    prepare:
      () =>
      ({ print }) => {
        print('rebooting');
        return Promise.resolve(0);
      },
    last: ({ run }) => (isSystemd() ? run('systemctl', 'reboot') : run('reboot')),
  },
};

function serviceName(parameters: CommandParameters): string {
  const service = text(parameters, 'service');
  if (!/^[A-Za-z0-9][A-Za-z0-9:_.@\\-]{0,127}$/.test(service))
    throw new BadParameter('service is the name of a service');
  return service;
}

function isSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

function restartOf(service: string): string[] {
  if (isSystemd()) return ['systemctl', 'restart', '--', service];
  const name = service.replace(/\.service$/, '');
  return existsSync('/sbin/rc-service') ? ['rc-service', name, 'restart'] : ['service', name, 'restart'];
}

/** A folder where nothing lies that is needed for long; links out of it are followed first. */
function safeFolder(path: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    throw new BadParameter(`there is no folder ${path}`);
  }
  if (path.startsWith('/') && SAFE_FOLDERS.some((folder) => real === folder || real.startsWith(`${folder}/`)))
    return real;
  throw new BadParameter(`path is one of ${SAFE_FOLDERS.join(', ')} or a folder in one of them`);
}

interface Program {
  readonly pid: number;
  readonly name: string;
  /** Its service, where it is of one. */
  readonly unit: string | undefined;
  readonly megabytes: number;
}

/** The process with the most memory, apart from the first, ourselves and those that started us. */
function largestProgram(): Program | undefined {
  const spared = new Set([1, ...ancestors(process.pid)]);
  const pids = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
  const programs = pids.filter((pid) => !spared.has(pid)).flatMap(describe);
  return programs.toSorted((a, b) => b.megabytes - a.megabytes)[0];
}

function describe(pid: number): Program[] {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0);
    if (kilobytes === 0) return [];
    const name = /^Name:\s+(.*)$/m.exec(status)?.[1] ?? '';
    const unit = /\/system\.slice\/(?:.*\/)?([^/]+\.service)/.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
    return [{ pid, name, unit: isSystemd() ? unit : undefined, megabytes: Math.round(kilobytes / 1024) }];
  } catch {
    // It has ended since the list was made.
    return [];
  }
}

function ancestors(pid: number): number[] {
  const result: number[] = [];
  for (let at = pid; at > 1 && result.length < 64;) {
    result.push(at);
    try {
      const stat = readFileSync(`/proc/${at}/stat`, 'utf8');
      at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    } catch {
      break;
    }
  }
  return result;
}

function text(parameters: CommandParameters, name: string): string {
  const value = parameters[name];
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return value;
  throw new BadParameter(`${name} is missing`);
}

function number(parameters: CommandParameters, name: string, min: number, max: number): number {
  const value = Number(parameters[name] ?? Number.NaN);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new BadParameter(`${name} is a number from ${min} to ${max}`);
}
