/** What can be typed on a simulated gateway. The steps that alerts suggest show the cause and mend it. */
import type { Figures } from './figures.ts';
import type { House } from './house.ts';
import type { ProblemKind } from './problems.ts';

export interface ConsoleHost {
  readonly house: House;
  readonly figures: () => Figures;
  /** Ends the problem of this kind; false when the house has none. */
  mend(kind: ProblemKind): boolean;
}

/** The names that the problems go by on every simulated gateway. */
const SERVICE = 'heat-pump-bridge.service';
const LEAKING = { pid: 713, name: 'meter-reader' } as const;
const MIB = 2 ** 20;

type Command = (host: ConsoleHost, args: readonly string[]) => string;

const COMMANDS: { readonly [name: string]: Command } = {
  help: () => `This gateway is simulated. It knows: ${Object.keys(COMMANDS).sort().join(', ')}, exit.\n`,
  df: ({ house, figures }) => {
    const percent = numberOf(figures(), 'disk./.usedPercent');
    const size = house.hardware.diskBytes;
    const columns = ['/dev/mmcblk0p2', mebibytes(size), mebibytes((size * percent) / 100)];
    const free = mebibytes(numberOf(figures(), 'disk./.availableBytes'));
    return `Filesystem      Size   Used  Avail Use% Mounted on\n${columns.join('  ')}  ${free}  ${Math.round(percent)}% /\n`;
  },
  du: ({ house, figures }) => {
    const used = (house.hardware.diskBytes * numberOf(figures(), 'disk./.usedPercent')) / 100;
    const folders = [
      ['/home', 0.02],
      ['/opt', 0.12],
      ['/usr', 0.26],
      ['/var/log/journal', 0.6],
    ] as const;
    return folders.map(([folder, share]) => `${mebibytes(used * share)}\t${folder}\n`).join('');
  },
  free: ({ house, figures }) => {
    const total = house.hardware.memoryBytes;
    const available = numberOf(figures(), 'memory.availableBytes');
    return `        total   used  available\nMem:  ${[total, total - available, available].map(mebibytes).join('  ')}\n`;
  },
  ps: ({ house, figures }) => {
    const percent = Math.max(4, numberOf(figures(), 'memory.usedPercent') - 45);
    const kibibytes = Math.round((house.hardware.memoryBytes * percent) / 100 / 1024);
    return [
      'USER       PID %MEM     RSS COMMAND',
      `root     ${LEAKING.pid}   ${percent.toFixed(0).padStart(3)} ${String(kibibytes).padStart(8)} ${LEAKING.name}`,
      'root       402     3    14212 nice-smart-client',
      'root         1     1     9120 /sbin/init',
      '',
    ].join('\n');
  },
  kill: ({ mend }, args) => {
    if (args.at(-1) !== String(LEAKING.pid)) return 'kill: no such process\n';
    return mend('memory-leak') ? `${LEAKING.name} ended; its service starts it afresh.\n` : '';
  },
  uptime: ({ figures }) => {
    const hours = Math.floor(numberOf(figures(), 'uptime.seconds') / 3600);
    return `up ${Math.floor(hours / 24)} days, ${hours % 24} hours, load average: ${String(figures()['load.1m'])}\n`;
  },
  journalctl: ({ mend, figures }, args) => {
    if (args.some((arg) => arg.startsWith('--vacuum')))
      return mend('disk-filling')
        ? 'Deleted archived journals. The disk has space again.\n'
        : 'Vacuuming done, freed 0B.\n';
    return hasFailed(figures())
      ? `${SERVICE}: Main process exited, code=exited, status=1/FAILURE\n${SERVICE}: no answer from the heat pump\n`
      : '-- No entries --\n';
  },
  systemctl: ({ mend, figures }, args) => {
    const [verb = '', unit = ''] = args.filter((arg) => !arg.startsWith('-') || arg === '--failed');
    const isFailing = hasFailed(figures());
    if (verb === '--failed')
      return isFailing ? `● ${SERVICE} loaded failed failed Bridge to the heat pump\n` : '0 loaded units listed.\n';
    if (verb === 'restart') {
      mend(unit.startsWith(LEAKING.name) ? 'memory-leak' : 'service-failed');
      return '';
    }
    return `${unit || SERVICE}: ${isFailing ? 'failed (Result: exit-code)' : 'active (running)'}\n`;
  },
};

/** Returns what the command prints. Only what stands before a pipe is understood. */
export function runCommand(host: ConsoleHost, line: string): string {
  const [name = '', ...args] = (line.split('|')[0] ?? '').trim().split(/\s+/);
  if (name === '') return '';
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return command ? command(host, args) : `sh: ${name}: not found (this gateway is simulated; type help)\n`;
}

function hasFailed(figures: Figures): boolean {
  return numberOf(figures, 'services.failed') > 0;
}

function numberOf(figures: Figures, metric: string): number {
  return Number(figures[metric] ?? 0);
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / MIB)}M`.padStart(6);
}
