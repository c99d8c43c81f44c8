import { expect, test } from 'bun:test';
import { auditFilter } from '@lovely/api';
import { auditFilterOf, auditSearch } from './audit-search.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 42);

test('a range that goes on begins at a full minute', () => {
  expect(auditFilterOf({ range: 'hour', action: 'user.update' }, now)).toEqual({
    action: 'user.update',
    since: '2026-11-22T11:00:00.000Z',
  });
});

test('days count from the first midnight to the last', () => {
  const filter = auditFilterOf({ range: 'days', from: '2026-11-20', to: '2026-11-20' }, now);
  expect(Date.parse(filter.until!) - Date.parse(filter.since!)).toBe(24 * 60 * 60_000);
  expect(auditFilter.parse(filter)).toEqual(filter);
});

test('what an address says wrongly is left out', () => {
  expect(auditSearch.parse({ range: 'aeon', from: 'yesterday', result: 'success' })).toEqual({ result: 'success' });
  expect(auditFilterOf({ from: '2026-11-20' }, now)).toEqual({});
});
