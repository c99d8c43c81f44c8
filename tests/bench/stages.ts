// Where the CPU of a status message goes: a run of its own with a profile of our server, split by what the code is for.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { joinDevices } from './devices.ts';
import { Load, OurServer } from './machine.ts';

/** So many that none of them sends more than a hub takes of one device. */
const CONNECTIONS = 1_000;
const UNACKED = 8;
const WARM_UP_MS = 2_000;

const STAGES = [
  'hub: read and route',
  'bus: encode, carry, decode',
  'worker: decode and check',
  'SQL: parameters, driver',
  'acknowledge',
  'other: events, background tasks',
  'engine: TLS, sockets, garbage',
] as const;
export type Stage = (typeof STAGES)[number];

/** Which files and functions a stage is; the innermost on the stack that is listed counts, the first of two. */
const CODE: readonly (readonly [file: RegExp, name: RegExp, stage: Stage])[] = [
  [/\/hub\/connection\.ts$/, /^send/, 'acknowledge'],
  [/\/(hub\/hub|worker\/acks)\.ts$/, /^(|add|flush)$/, 'acknowledge'],
  [/\/(hub\/|listener\.ts$)/, /received|message|up|handleFrame|hasRoom/, 'hub: read and route'],
  [/\/(bus\/|hub\/up-sender)/, /./, 'bus: encode, carry, decode'],
  [/\/(store\/|node_modules\/(pg|kysely))/, /./, 'SQL: parameters, driver'],
  [/\/worker\/status-writer\.ts$/, /^$/, 'SQL: parameters, driver'],
  [/\/worker\/(up-writer|batcher)\.ts$/, /./, 'worker: decode and check'],
  [/\/server\/src\//, /./, 'other: events, background tasks'],
];

/** The share of each stage in the CPU time of the server's JavaScript while it stores messages of one report. */
export async function measureStages(seconds: number, say: (line: string) => void): Promise<Map<Stage, number>> {
  const folder = mkdtempSync(join(tmpdir(), 'lovely-stages-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  say('once more, with a profile');
  let fromEndMs: number;
  let untilEndMs: number;
  {
    await using ours = await OurServer.start(folder);
    await using load = new Load(1);
    const tokens = await joinDevices(ours, CONNECTIONS, say);
    await load.open(ours, tokens);
    await load.tell('speak');
    await load.send(CONNECTIONS, UNACKED, 1);
    await Bun.sleep(WARM_UP_MS);
    const startMs = performance.now();
    await Bun.sleep(seconds * 1000);
    const endMs = performance.now();
    await load.tell('finish');
    // The profile ends with the process, which takes its time: what it does then is not of the window.
    const stopMs = performance.now();
    [fromEndMs, untilEndMs] = [stopMs - startMs, stopMs - endMs];
  }
  return sharesOf(readProfile(folder), fromEndMs, untilEndMs);
}

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

function readProfile(folder: string): Profile {
  const [name] = readdirSync(folder).filter((each) => each.endsWith('.cpuprofile'));
  if (name === undefined) throw new Error('the server left no profile');
  return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Profile;
}

function sharesOf({ nodes, samples, timeDeltas }: Profile, fromEndMs: number, untilEndMs: number): Map<Stage, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const stageOf = (id: number): Stage => {
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { functionName, url } = byId.get(at)!.callFrame;
      const entry = CODE.find(([file, name]) => file.test(url) && name.test(functionName));
      if (entry) return entry[2];
    }
    return 'engine: TLS, sockets, garbage';
  };
  const endMs = timeDeltas.reduce((sum, delta) => sum + delta, 0) / 1000;
  const counts = new Map<Stage, number>(STAGES.map((stage) => [stage, 0]));
  let atMs = 0;
  let total = 0;
  for (const [index, sample] of samples.entries()) {
    atMs += timeDeltas[index]! / 1000;
    if (atMs < endMs - fromEndMs || atMs > endMs - untilEndMs) continue;
    const stage = stageOf(sample);
    counts.set(stage, counts.get(stage)! + 1);
    total++;
  }
  return new Map([...counts].map(([stage, count]) => [stage, count / total]));
}
