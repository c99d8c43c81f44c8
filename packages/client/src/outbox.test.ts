import { expect, test } from 'bun:test';
import { alertBatch, alertClear, decodeFrame, FRAME_BYTES_MAX_UP, statusReport, type Frame } from '@lovely/protocol';
import { ManualClock } from '../test/manual-clock.ts';
import type { Link } from './connection.ts';
import { silentLog } from './log.ts';
import { Outbox } from './outbox.ts';
import { noJournal } from './spool/journal.ts';
import { Spool } from './spool/spool.ts';

function start(limits: Partial<{ messagesPerSecond: number; unackedMessages: number }> = {}) {
  const clock = new ManualClock();
  const spool = new Spool({
    journal: noJournal,
    bytesMax: 1e6,
    messagesMax: 1e4,
    clock,
    random: () => 0,
    log: silentLog,
  });
  const outbox = new Outbox(spool, clock);
  const sent: number[] = [];
  const batches: number[][] = [];
  const link: Link & { isFull: boolean } = {
    send: (frame: Frame) => {
      const ids = alertBatch.read(frame).body.map(idOf);
      batches.push(ids);
      sent.push(...ids);
    },
    sendEncoded: (bytes) => void sent.push(idOf(bytes)),
    isFull: false,
  };
  const welcome = {
    epoch: 1,
    heartbeatMs: 1,
    limits: { frameBytes: 1e6, messagesPerSecond: 1000, unackedMessages: 8, ...limits },
  };
  const submit = (count: number): void => {
    for (let index = 0; index < count; index++) outbox.submit((id) => statusReport.frame({ id }, []));
  };
  const alert = (): void => outbox.submit((id) => alertClear.frame({ id }, { ts: 0, source: '', rule: 'r' }));
  return { clock, spool, outbox, sent, batches, link, submit, alert, connect: () => outbox.connected(link, welcome) };
}

function idOf(bytes: Uint8Array): number {
  return Number(decodeFrame(bytes, FRAME_BYTES_MAX_UP).props.id);
}

test('messages go out in order as soon as there is a connection, and at once while there is one', () => {
  const { submit, connect, sent } = start();
  submit(2);
  expect(sent).toEqual([]);
  connect();
  submit(1);
  expect(sent).toEqual([0, 1, 2]);
});

test("no more than the server's window is unacknowledged", () => {
  const { submit, connect, sent, outbox, spool } = start({ unackedMessages: 3 });
  connect();
  submit(5);
  expect(sent).toEqual([0, 1, 2]);
  outbox.acknowledged([1]);
  expect(sent).toEqual([0, 1, 2, 3]);
  expect([...spool.waiting()].map(({ id }) => id)).toEqual([0, 2, 3, 4]);
});

test("no more goes out in a second than the server's limit", () => {
  const { submit, connect, sent, clock } = start({ messagesPerSecond: 4, unackedMessages: 1000 });
  connect();
  submit(20);
  expect(sent.length).toBe(4);
  clock.advance(1000);
  expect(sent.length).toBeLessThanOrEqual(8);
  clock.advance(4000);
  expect(sent).toEqual(Array.from({ length: 20 }, (_, index) => index));
});

test('after a reconnect everything unacknowledged goes out again, in order', () => {
  const { submit, connect, sent, outbox } = start();
  connect();
  submit(3);
  outbox.acknowledged([0]);
  outbox.disconnected();
  submit(1);
  connect();
  expect(sent).toEqual([0, 1, 2, 1, 2, 3]);
});

test('without an ack in time everything goes out again, ever more slowly', () => {
  const { submit, connect, sent, clock, outbox } = start();
  connect();
  submit(2);
  clock.advance(30_000);
  expect(sent).toEqual([0, 1, 0, 1]);
  clock.advance(59_000);
  expect(sent.length).toBe(4);
  clock.advance(1_000);
  expect(sent.length).toBe(6);
  outbox.acknowledged([0, 1]);
  clock.advance(3_600_000);
  expect(sent.length).toBe(6);
});

test('a message that the server dropped goes out again while others are acknowledged', () => {
  const { submit, connect, sent, clock, outbox } = start();
  connect();
  submit(1);
  for (let id = 1; id <= 3; id++) {
    clock.advance(12_000);
    submit(1);
    outbox.acknowledged([id]);
  }
  expect(sent).toEqual([0, 1, 2, 0, 3]);
});

test('alerts that wait go out together, in order, the next only after these, and hold up nothing else', () => {
  const { submit, alert, connect, sent, batches, outbox } = start();
  connect();
  alert();
  alert();
  submit(1);
  alert();
  expect(sent).toEqual([0, 2]);
  outbox.acknowledged([0]);
  expect(sent).toEqual([0, 2, 1, 3]);
  expect(batches).toEqual([[1, 3]]);
  alert();
  outbox.acknowledged([1]);
  expect(batches).toEqual([[1, 3]]);
  outbox.disconnected();
  connect();
  expect(batches).toEqual([
    [1, 3],
    [3, 4],
  ]);
  expect(sent.slice(4)).toEqual([2, 3, 4]);
  outbox.acknowledged([2, 3, 4]);
  expect(batches).toHaveLength(2);
});

test('a thousand alerts take a few round trips, also where few messages may be unacknowledged', () => {
  const { alert, connect, batches, outbox, spool } = start({ unackedMessages: 1 });
  for (let count = 0; count < 1000; count++) alert();
  connect();
  let trips = 0;
  for (; [...spool.waiting()].length > 0; trips++) outbox.acknowledged(batches.at(-1)!);
  expect(trips).toBeLessThanOrEqual(3);
  expect(batches.flat()).toEqual(Array.from({ length: 1000 }, (_, index) => index));
});

test('alerts without an ack in time go out again before those that came later', () => {
  const { alert, connect, batches, clock } = start();
  connect();
  for (let count = 0; count < 3; count++) alert();
  clock.advance(30_000);
  expect(batches).toEqual([[0, 1, 2]]);
});

test('it says once when everything that waited is delivered, at once where nothing does', () => {
  const { submit, connect, outbox } = start();
  const said: string[] = [];
  outbox.onceDelivered(() => said.push('nothing waited'));
  submit(2);
  outbox.onceDelivered(() => said.push('two waited'));
  connect();
  submit(1);
  outbox.acknowledged([1]);
  expect(said).toEqual(['nothing waited']);
  outbox.acknowledged([0]);
  outbox.acknowledged([2]);
  expect(said).toEqual(['nothing waited', 'two waited']);
});

test('a full socket is not fed', () => {
  const { submit, connect, sent, clock, link } = start();
  connect();
  link.isFull = true;
  submit(2);
  clock.advance(1000);
  expect(sent).toEqual([]);
  link.isFull = false;
  clock.advance(100);
  expect(sent).toEqual([0, 1]);
});

test('nothing is timed while there is no connection', () => {
  const { submit, connect, clock, outbox } = start();
  connect();
  submit(2);
  outbox.disconnected();
  // What remains is the spool's own batched writing to disk.
  expect(clock.waitsMs.length).toBe(1);
});
