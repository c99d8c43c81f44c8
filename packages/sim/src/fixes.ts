/**
 * What fixes do on a simulated gateway: the commands of a real one are known, print in steps, and end the problem that they
 * are for. Now and then one does not help, as in life.
 */
import type { Prepare, RunSink } from '@lovely/client';
import type { ProblemKind } from './problems.ts';

export interface FixHost {
  /** Ends the problem of this kind; false when the house has none. */
  mend(kind: ProblemKind): boolean;
  /** Ends what is wrong with the sensor; false when nothing is. */
  mendSensor(sensor: string): boolean;
  /** From 0 to 1, another one each time. */
  readonly random: () => number;
}

interface Recipe {
  readonly mends: ProblemKind | undefined;
  readonly lines: (parameters: { readonly [name: string]: unknown }) => readonly string[];
}

/** The share of fixes that help. */
const HELPS = 0.85;
const LINE_MS = 600;

const RECIPES: { readonly [name: string]: Recipe } = {
  'vacuum-journal': {
    mends: 'disk-filling',
    lines: ({ size }) => [
      'Deleted archived journal /var/log/journal/system@0006.journal (48.0M).',
      'Deleted archived journal /var/log/journal/system@0007.journal (48.0M).',
      `Vacuuming done, the journal takes at most ${String(size)} now.`,
    ],
  },
  'remove-old-files': {
    mends: 'disk-filling',
    lines: ({ path }) => [`${String(path)}/upload-0412.part`, `${String(path)}/core.713`, `${String(path)}/cache.old`],
  },
  'restart-service': {
    mends: 'service-failed',
    lines: ({ service }) => [`restarting ${String(service)}`, 'active (running)'],
  },
  'restart-failed-services': {
    mends: 'service-failed',
    lines: () => ['restarting heat-pump-bridge.service', 'active (running)'],
  },
  'restart-largest-program': {
    mends: 'memory-leak',
    lines: () => ['meter-reader (process 713) holds 611 MB', 'restarting meter-reader.service', 'active (running)'],
  },
  reboot: { mends: 'memory-leak', lines: () => ['rebooting'] },
};

export function simulatedPrepare({ mend, mendSensor, random }: FixHost): Prepare {
  return ({ name, script, sensor, parameters }) => {
    const recipe = Object.hasOwn(RECIPES, name) ? RECIPES[name] : undefined;
    if (sensor === undefined && script === undefined && !recipe)
      return { kind: 'refused', refusal: 'unknown-command', reason: `This gateway knows no command "${name}".` };
    return {
      kind: 'ready',
      async run(sink) {
        const lines =
          sensor !== undefined ? [`${sensor}: ${name}`, 'done'] : (recipe?.lines(parameters) ?? ['simulated']);
        for (const line of lines) await print(sink, line);
        if (random() < HELPS) {
          if (sensor !== undefined) mendSensor(sensor);
          else if (recipe?.mends !== undefined) mend(recipe.mends);
        }
        return { kind: 'exited', exit: 0, reason: '' };
      },
    };
  };
}

/** After a moment, unless the run is called off. */
async function print({ output, signal }: RunSink, line: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LINE_MS);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
  if (!signal.aborted) output('out', new TextEncoder().encode(`${line}\n`));
}
