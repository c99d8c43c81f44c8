/**
 * Our codec beside its rivals, on the frame that there are most of: a status report of about 120 bytes.
 *
 *     bun packages/protocol/bench/codec.ts [folder whose node_modules hold msgpackr]
 *
 * msgpackr is no dependency of ours; where it can't be found, its column is left out. Rounds alternate between the
 * codecs and the best round counts, so that other work on the machine hits all alike: compare the ratios.
 */
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { decodeFrame, encodeFrame, statusReport, type StatusReport } from '../src/mod.ts';

const ROUNDS = 40;
const CALLS_PER_ROUND = 20_000;
const FRAME_BYTES_MAX = 4096;

const reports: StatusReport[] = [
  { ts: 1_795_370_000_123, source: '', values: { load: 0.42, memory: 61.5, disk: 40, uptime_s: 864_023 } },
];
const message = statusReport.frame({ id: 7_012_345_678 }, reports);
const bytes = encodeFrame(message);

interface Codec {
  readonly name: string;
  readonly readFrame: () => unknown;
  readonly readAll: () => unknown;
  readonly writeAll: () => unknown;
}

function ours(): Codec {
  return {
    name: 'ours',
    readFrame: () => decodeFrame(bytes, FRAME_BYTES_MAX),
    readAll: () => statusReport.read(decodeFrame(bytes, FRAME_BYTES_MAX)),
    writeAll: () => encodeFrame(statusReport.frame({ id: 7_012_345_678 }, reports)),
  };
}

/** Neither rival checks limits or shapes: they do less than ours for these figures. */
function json(): Codec {
  const text = new TextDecoder();
  const header = { proto: message.proto, typ: message.typ, props: message.props };
  const whole = new TextEncoder().encode(JSON.stringify({ hdr: header, body: reports }));
  const parse = () => JSON.parse(text.decode(whole)) as unknown;
  const encoder = new TextEncoder();
  return {
    name: 'JSON',
    readFrame: parse,
    readAll: parse,
    writeAll: () => encoder.encode(JSON.stringify({ hdr: { ...header, props: { id: 7_012_345_678 } }, body: reports })),
  };
}

function msgpackr(folder: string): Codec | undefined {
  interface Packr {
    pack(value: unknown): Uint8Array;
    unpack(bytes: Uint8Array): unknown;
  }
  let library: { Packr: new (options: object) => Packr };
  try {
    library = createRequire(join(resolve(folder), 'rival.js'))('msgpackr') as typeof library;
  } catch {
    return undefined;
  }
  const packr = new library.Packr({
    useRecords: false,
    variableMapSize: true,
    int64AsType: 'auto',
    encodeUndefinedAsNil: true,
  });
  const { proto, typ } = message;
  return {
    name: 'msgpackr',
    readFrame: () => packr.unpack(bytes),
    readAll: () => packr.unpack((packr.unpack(bytes) as { body: Uint8Array }).body),
    writeAll: () => packr.pack({ hdr: { proto, typ, props: { id: 7_012_345_678 } }, body: packr.pack(reports) }),
  };
}

const folder = process.argv[2] ?? import.meta.dir;
const rival = msgpackr(folder);
const codecs = [ours(), ...(rival ? [rival] : []), json()];
const operations = [
  ['read the frame, body untouched', 'readFrame'],
  ['read frame and body', 'readAll'],
  ['write frame and body', 'writeAll'],
] as const;

console.log(
  `status report of ${bytes.length} bytes, body of ${message.body.length}; ns per operation, ratio to ours in brackets`,
);
if (!rival) console.log(`msgpackr is not installed for ${resolve(folder)}: left out`);
console.log(['', ...codecs.map((codec) => codec.name)].map(column).join(''));
for (const [title, operation] of operations) {
  const bestNs = measure(codecs.map((codec) => codec[operation]));
  const cells = bestNs.map((ns, i) => (i === 0 ? ns.toFixed(0) : `${ns.toFixed(0)} (${(ns / bestNs[0]!).toFixed(2)})`));
  console.log([title, ...cells].map(column).join(''));
}

function measure(calls: readonly (() => unknown)[]): number[] {
  const bestNs = calls.map(() => Infinity);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, call] of calls.entries()) {
      const start = performance.now();
      for (let n = 0; n < CALLS_PER_ROUND; n++) call();
      bestNs[i] = Math.min(bestNs[i]!, ((performance.now() - start) * 1e6) / CALLS_PER_ROUND);
    }
  }
  return bestNs;
}

function column(text: string, index: number): string {
  return index === 0 ? text.padEnd(32) : text.padStart(16);
}
