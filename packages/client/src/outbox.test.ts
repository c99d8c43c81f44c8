import { expect, test } from 'bun:test';
import { alertClear, decodeFrame, FRAME_BYTES_MAX_UP, statusReport, type Frame } from '@lovely/protocol';
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
  const link: Link & { isFull: boolean } = {
    send: (frame: Frame) => void sent.push(Number(frame.props.id)),
    sendEncoded: (bytes) => void sent.push(Number(decodeFrame(bytes, FRAME_BYTES_MAX_UP).props.id)),
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
  return { clock, spool, outbox, sent, link, submit, alert, connect: () => outbox.connected(link, welcome) };
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

test('an alert waits until the one before it is acknowledged, and holds up nothing else', () => {
  const { submit, alert, connect, sent, outbox } = start();
  connect();
  alert();
  alert();
  submit(1);
  alert();
  expect(sent).toEqual([0, 2]);
  outbox.acknowledged([0]);
  expect(sent).toEqual([0, 2, 1]);
  outbox.disconnected();
  connect();
  expect(sent).toEqual([0, 2, 1, 1, 2]);
  outbox.acknowledged([1, 2]);
  expect(sent).toEqual([0, 2, 1, 1, 2, 3]);
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
