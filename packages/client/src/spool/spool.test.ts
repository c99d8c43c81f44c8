import { expect, test } from 'bun:test';
import {
  alertClear,
  alertRaise,
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  statusReport,
  type StatusReport,
} from '@lovely/protocol';
import { ManualClock } from '../../test/manual-clock.ts';
import { silentLog } from '../log.ts';
import { noJournal } from './journal.ts';
import { Spool } from './spool.ts';

function createSpool(limits: { bytesMax?: number; messagesMax?: number } = {}): Spool {
  return new Spool({
    journal: noJournal,
    bytesMax: 1e6,
    messagesMax: 1e4,
    ...limits,
    clock: new ManualClock(),
    random: Math.random,
    log: silentLog,
  });
}

function addStatus(spool: Spool, ts: number, metrics: number): void {
  const values = Object.fromEntries(Array.from({ length: metrics }, (_, index) => [`metric.${index}`, ts]));
  spool.add((id) => statusReport.frame({ id }, [{ ts, source: '', values }]));
}

function addAlert(spool: Spool, kind: 'raise' | 'clear', source: string): void {
  spool.add((id) =>
    kind === 'raise'
      ? alertRaise.frame(
          { id },
          { ts: 1, source, rule: 'disk', severity: 'warning', description: 'x'.repeat(50), values: {} },
        )
      : alertClear.frame({ id }, { ts: 1, source, rule: 'disk' }),
  );
}

function statusIn(spool: Spool): StatusReport[] {
  const messages = [...spool.waiting()].filter(({ proto }) => proto === PROTO.status);
  return messages.flatMap(({ bytes }) => statusReport.read(decodeFrame(bytes, FRAME_BYTES_MAX_UP)).body);
}

function alertsIn(spool: Spool): string[] {
  const frames = [...spool.waiting()]
    .filter(({ proto }) => proto === PROTO.alert)
    .map(({ bytes }) => decodeFrame(bytes, FRAME_BYTES_MAX_UP));
  return frames.map((frame) =>
    alertRaise.is(frame) ? `+${alertRaise.read(frame).body.source}` : `-${alertClear.read(frame).body.source}`,
  );
}

test('ids start anywhere and rise by one', () => {
  const [first, other] = [createSpool(), createSpool()];
  for (const spool of [first, other]) for (let ts = 0; ts < 600; ts++) addStatus(spool, ts, 1);
  const ids = [...first.waiting()].map(({ id }) => id);
  expect(ids.every((id, index) => Number.isSafeInteger(id) && id === ids[0]! + index)).toBe(true);
  expect([...other.waiting()][0]!.id).not.toBe(ids[0]!);
});

test('only what is acknowledged is forgotten, twice is no error', () => {
  const spool = createSpool();
  for (let ts = 0; ts < 3; ts++) addStatus(spool, ts, 1);
  const [, second] = [...spool.waiting()];
  const { bytes } = spool;
  spool.forget([second!.id, second!.id]);
  spool.forget([second!.id, 4711]);
  expect(spool.bytes).toBeCloseTo((bytes * 2) / 3, 5);
  expect(statusIn(spool).map(({ ts }) => ts)).toEqual([0, 2]);
});

test('a full spool keeps every alert and the last value of every metric', () => {
  const spool = createSpool({ bytesMax: 20_000 });
  addAlert(spool, 'raise', 'first');
  for (let ts = 1; ts <= 1000; ts++) addStatus(spool, ts, 10);
  addAlert(spool, 'clear', 'first');
  expect(alertsIn(spool)).toEqual(['+first', '-first']);
  const last = Object.assign({}, ...statusIn(spool).map(({ values }) => values)) as { [metric: string]: number };
  expect(Object.values(last)).toEqual(Array(10).fill(1000));
  expect(spool.bytes).toBeLessThanOrEqual(20_000);
  expect(spool.coalescedMessages).toBeGreaterThan(500);
  expect(spool.droppedMessages).toBe(0);
});

test('status goes before any alert', () => {
  const spool = createSpool({ messagesMax: 40 });
  for (let index = 0; index < 10; index++)
    spool.add((id) => statusReport.frame({ id }, [{ ts: 1, source: `s${index}`, values: { a: 1 } }]));
  for (let index = 0; index < 39; index++) addAlert(spool, 'raise', `disk-${index}`);
  expect(statusIn(spool)).toEqual([]);
  expect(alertsIn(spool)).toContain('+disk-38');
  expect(spool.droppedMessages - spool.droppedAlerts).toBe(1);
});

test("an alert's history goes before its last word", () => {
  const spool = createSpool({ messagesMax: 20 });
  addAlert(spool, 'raise', 'quiet');
  for (let index = 0; index < 100; index++) addAlert(spool, index % 2 === 0 ? 'raise' : 'clear', 'noisy');
  const kept = alertsIn(spool);
  expect(kept).toContain('+quiet');
  expect(kept.at(-1)).toBe('-noisy');
  expect(spool.droppedMessages).toBe(101 - kept.length);
});

test('a spool full of nothing but last words gives up the oldest, and counts it', () => {
  const spool = createSpool({ messagesMax: 20 });
  for (let index = 0; index < 21; index++) addAlert(spool, 'raise', `disk-${index}`);
  expect(alertsIn(spool)).toEqual(Array.from({ length: 15 }, (_, index) => `+disk-${index + 6}`));
  expect(spool.droppedMessages).toBe(6);
  expect(spool.droppedAlerts).toBe(6);
});
