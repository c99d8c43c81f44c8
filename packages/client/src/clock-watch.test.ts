import { expect, test } from 'bun:test';
import { controlClock, type Frame } from '@lovely/protocol';
import { ManualClock } from '../test/manual-clock.ts';
import { ClockWatch } from './clock-watch.ts';
import type { Link } from './connection.ts';
import { silentLog } from './log.ts';

function start() {
  const clock = new ManualClock();
  const told: (number | 'was set')[] = [];
  const link: Link = {
    send: (frame: Frame) => void told.push(controlClock.read(frame).body.nowMs),
    sendEncoded: () => undefined,
    isFull: false,
  };
  const watch = new ClockWatch({ clock, log: silentLog, wasSet: () => told.push('was set') });
  const limits = { frameBytes: 1, messagesPerSecond: 1, unackedMessages: 1 };
  const connect = (serverMs: number) => watch.connected(link, { epoch: 1, heartbeatMs: 1, limits, nowMs: serverMs });
  return { clock, told, watch, connect };
}

test('how wrong the clock is is known from the welcome on, either way', () => {
  const { clock, watch, connect } = start();
  expect(watch.offsetSeconds).toBeUndefined();
  connect(clock.nowMs() + 3_600_000);
  expect(watch.offsetSeconds).toBe(3600);
  clock.advance(10_000);
  expect(watch.offsetSeconds).toBe(3600);
  clock.setByMs = 3_660_000;
  expect(watch.offsetSeconds).toBe(60);
});

test('a clock that is set is told after what was stamped before, once, and while there is a connection', () => {
  const { clock, told, watch, connect } = start();
  clock.setByMs = 500;
  watch.check();
  connect(clock.nowMs());
  clock.advance(60_000);
  watch.check();
  expect(told).toEqual([]);
  clock.setByMs = -3_600_000;
  watch.check();
  watch.check();
  expect(told).toEqual(['was set', clock.nowMs()]);
  watch.disconnected();
  clock.setByMs = 0;
  watch.check();
  expect(told.slice(2)).toEqual(['was set']);
});
