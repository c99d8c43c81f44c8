import { expect, test } from 'bun:test';
import { encodeFrame, statusReport, type StatusReport } from '@lovely/protocol';
import { ManualClock } from '../test/manual-clock.ts';
import { Reporter } from './reporter.ts';

function start(): { clock: ManualClock; reporter: Reporter; batches: StatusReport[][] } {
  const clock = new ManualClock();
  const batches: StatusReport[][] = [];
  const submit: ConstructorParameters<typeof Reporter>[0]['submit'] = (make) =>
    void batches.push(statusReport.read(make(batches.length)).body);
  return { clock, reporter: new Reporter({ clock, submit, fullIntervalMs: 900_000 }), batches };
}

const valuesOf = (batches: StatusReport[][]): unknown[] => batches.flat().map(({ values }) => values);

test('the first report holds everything and goes out at once', () => {
  const { reporter, batches } = start();
  reporter.observe('', { 'load.1m': 1, 'uptime.seconds': 5 });
  expect(valuesOf(batches)).toEqual([{ 'load.1m': 1, 'uptime.seconds': 5 }]);
});

test('later only what is news goes out, changes of some seconds as one message', () => {
  const { clock, reporter, batches } = start();
  reporter.observe('', { 'load.1m': 1, 'disk./.usedPercent': 10 });
  for (const values of [
    { 'load.1m': 1.5, 'disk./.usedPercent': 12 },
    { 'load.1m': 3, 'disk./.usedPercent': 12.1 },
  ]) {
    clock.advance(5000);
    reporter.observe('', values);
  }
  clock.advance(10_000);
  expect(batches.length).toBe(2);
  expect(batches[1]!.map(({ values }) => values)).toEqual([{ 'disk./.usedPercent': 12 }, { 'load.1m': 3 }]);
});

test('a slow drift is reported once it adds up', () => {
  const { clock, reporter, batches } = start();
  for (let step = 0; step <= 20; step++) {
    reporter.observe('', { 'load.1m': step / 10 });
    clock.advance(5000);
  }
  clock.advance(10_000);
  expect(valuesOf(batches)).toEqual([{ 'load.1m': 0 }, { 'load.1m': 1 }, { 'load.1m': 2 }]);
});

test('the full report holds what changed at all, and nothing else', () => {
  const { clock, reporter, batches } = start();
  reporter.observe('', { 'uptime.seconds': 0, 'load.1m': 1, 'swap.usedPercent': 7 });
  clock.advance(900_000);
  reporter.observe('', { 'uptime.seconds': 900, 'load.1m': 1.01, 'swap.usedPercent': 7 });
  expect(valuesOf(batches).at(-1)).toEqual({ 'uptime.seconds': 900, 'load.1m': 1.01 });
});

test('what went away and comes back is news', () => {
  const { clock, reporter, batches } = start();
  reporter.observe('', { 'disk./usb.usedPercent': 5 });
  reporter.observe('', {});
  reporter.observe('', { 'disk./usb.usedPercent': 5 });
  clock.advance(10_000);
  expect(batches.length).toBe(2);
});

test('more metrics than one report may hold become several, and a name too long for the wire is left out', () => {
  const { reporter, batches } = start();
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`metric.${index}`, index]));
  reporter.observe('', { ...many, ['x'.repeat(200)]: 1 });
  expect(batches[0]!.map(({ values }) => Object.keys(values).length)).toEqual([256, 44]);
});

test('a source has its own full report', () => {
  const { reporter, batches } = start();
  reporter.observe('', { a: 1 });
  reporter.observe('oven', { a: 1 });
  expect(batches.flat().map(({ source }) => source)).toEqual(['', 'oven']);
});

test('a quiet gateway reports less than a megabyte and a half in a month', () => {
  const { clock, reporter, batches } = start();
  const SAMPLE_MS = 60_000;
  const MONTH_MS = 30 * 24 * 3_600_000;
  // WebSocket and TLS heads of a message, and the acknowledgement that comes back.
  const OVERHEAD_BYTES = 30 + 80;
  for (let atMs = 0; atMs < MONTH_MS; atMs += SAMPLE_MS) {
    const sway = Math.sin(atMs / 1e7);
    reporter.observe('', {
      'load.1m': Number((0.2 + 0.15 * sway).toFixed(2)),
      'load.15m': Number((0.2 + 0.1 * sway).toFixed(2)),
      'memory.usedPercent': Number((40 + sway).toFixed(1)),
      'memory.availableBytes': Math.round(600e6 + 1e7 * sway),
      'disk./.usedPercent': 41.5,
      'disk./.availableBytes': 5e9,
      'temperature.cpu-thermal.celsius': Number((45 + sway).toFixed(1)),
      'network.eth0.receivedBytes': atMs,
      'network.eth0.sentBytes': Math.round(atMs / 3),
      'uptime.seconds': atMs / 1000,
      'services.failed': 0,
    });
    clock.advance(SAMPLE_MS);
  }
  const bytes = batches.reduce(
    (sum, batch) => sum + encodeFrame(statusReport.frame({ id: 2 ** 51 }, batch)).length + OVERHEAD_BYTES,
    0,
  );
  expect(bytes).toBeLessThan(1.5e6);
  expect(batches.length).toBeGreaterThanOrEqual(30 * 96);
});

test('no report looks older than one before of the same source, unless the clock was far ahead', () => {
  const { clock, reporter, batches } = start();
  const tell = (value: number): void => {
    reporter.observe('', { a: value });
    reporter.flush();
  };
  tell(1);
  clock.setByMs = -20_000;
  tell(2);
  tell(3);
  clock.setByMs = -3_600_000;
  tell(4);
  const times = batches.flat().map(({ ts }) => ts);
  const first = times[0]!;
  expect(times).toEqual([first, first + 1, first + 2, first - 3_600_000]);
});

test('what is to be told again is told whole with the next figures', () => {
  const { reporter, batches } = start();
  reporter.observe('', { a: 1, b: 2 });
  reporter.observe('', { a: 1, b: 2 });
  reporter.tellAgain();
  reporter.observe('', { a: 1, b: 2 });
  expect(valuesOf(batches)).toEqual([
    { a: 1, b: 2 },
    { a: 1, b: 2 },
  ]);
});
