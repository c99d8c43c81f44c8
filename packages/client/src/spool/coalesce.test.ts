import { expect, test } from 'bun:test';
import { alertClear, alertRaise, encodeFrame, statusReport, type Frame, type StatusReport } from '@lovely/protocol';
import { coalesceStatus, supersededAlerts } from './coalesce.ts';
import type { SpooledMessage } from './journal.ts';

function spooled(frame: Frame): SpooledMessage {
  return { id: Number(frame.props.id), proto: frame.proto, bytes: encodeFrame(frame) };
}

const status = (id: number, ...reports: StatusReport[]): SpooledMessage => spooled(statusReport.frame({ id }, reports));
const raise = (id: number, source: string): SpooledMessage =>
  spooled(alertRaise.frame({ id }, { ts: id, source, rule: 'disk', severity: 'warning', description: '', values: {} }));
const clear = (id: number, source: string): SpooledMessage =>
  spooled(alertClear.frame({ id }, { ts: id, source, rule: 'disk' }));

test('the last value of each metric of each source is kept, with its own time', () => {
  const merged = coalesceStatus([
    status(1, { ts: 1, source: '', values: { a: 1, b: 1 } }, { ts: 2, source: 'oven', values: { a: 9 } }),
    status(2, { ts: 3, source: '', values: { a: 2 } }),
  ]);
  expect(merged).toEqual([
    [
      { ts: 1, source: '', values: { b: 1 } },
      { ts: 2, source: 'oven', values: { a: 9 } },
      { ts: 3, source: '', values: { a: 2 } },
    ],
  ]);
});

test('only alerts with a later one about the same thing are superseded', () => {
  expect(supersededAlerts([raise(1, '/'), raise(2, '/data'), clear(3, '/'), raise(4, '/')])).toEqual([1, 3]);
});
