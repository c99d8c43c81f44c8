import { afterAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alertClear,
  alertRaise,
  decodeFrame,
  FRAME_BYTES_MAX_UP,
  ruleFrames,
  statusReport,
  type DeviceRule,
} from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { ManualClock } from '../../test/manual-clock.ts';
import type { Link } from '../connection.ts';
import { silentLog } from '../log.ts';
import { DiskJournal } from '../spool/disk-journal.ts';
import { Spool } from '../spool/spool.ts';
import { fileRuleStore, type RuleStore } from './rule-store.ts';
import { RuleWatcher } from './watcher.ts';

afterAll(removeTemporaryFolders);

const DISK: DeviceRule = {
  key: 'disk',
  version: 1,
  severity: 'critical',
  description: 'full',
  of: { kind: 'gateway' },
  watch: { kind: 'threshold', metric: 'disk.*.usedPercent', direction: 'above', raiseAt: 90, clearAt: 80, forMs: 0 },
};

const noLink: Link = { send: () => undefined, sendEncoded: () => undefined, isFull: false };

/** One life of the process on a folder. */
function open(folder: string, wrap: (store: RuleStore) => RuleStore = (store) => store) {
  const clock = new ManualClock();
  const spool = new Spool({
    journal: new DiskJournal(join(folder, 'spool'), 1e6, silentLog),
    bytesMax: 1e6,
    messagesMax: 1e4,
    clock,
    random: Math.random,
    log: silentLog,
  });
  const store = wrap(fileRuleStore(join(folder, 'rules.json')));
  const watcher = new RuleWatcher({
    store,
    watched: ['dnsmasq'],
    waiting: spool.waiting(),
    submit: (make) => spool.add(make),
    clock,
    log: silentLog,
  });
  return {
    clock,
    spool,
    watcher,
    tell: (rules: DeviceRule[], version = 'v1') => {
      for (const frame of ruleFrames(version, rules)) watcher.handle(frame, noLink);
    },
  };
}

function alertsIn(spool: Spool): string[] {
  return [...spool.waiting()].map(({ bytes }) => {
    const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    return alertRaise.is(frame) ? `+${alertRaise.read(frame).body.source}` : `-${alertClear.read(frame).body.source}`;
  });
}

const disks = (percents: { [path: string]: number }) => ({
  values: Object.fromEntries(Object.entries(percents).map(([path, percent]) => [`disk.${path}.usedPercent`, percent])),
  targets: new Map(),
});

test('rules are watched after a restart without a network', () => {
  const folder = temporaryFolder();
  open(folder).tell([DISK]);
  const { spool, watcher } = open(folder);
  watcher.evaluate(disks({ '/': 95 }));
  expect(alertsIn(spool)).toEqual(['+/']);
});

test('an alert raised before a restart is not raised again, and clears once after it', () => {
  const folder = temporaryFolder();
  const first = open(folder);
  first.tell([DISK]);
  first.watcher.evaluate(disks({ '/': 95 }));
  first.spool.forget([...first.spool.waiting()].map(({ id }) => id));
  const second = open(folder);
  second.watcher.evaluate(disks({ '/': 95 }));
  expect(alertsIn(second.spool)).toEqual([]);
  second.watcher.evaluate(disks({ '/': 10 }));
  expect(alertsIn(second.spool)).toEqual(['-/']);
  const third = open(folder);
  third.watcher.evaluate(disks({ '/': 10 }));
  expect(alertsIn(third.spool)).toEqual(['-/']);
});

test('a crash between spool and kept alerts neither doubles a raise nor a clear', () => {
  const folder = temporaryFolder();
  open(folder).tell([DISK]);
  const crashing = (store: RuleStore): RuleStore => ({
    load: () => store.load(),
    save: () => {
      throw new Error('killed');
    },
  });
  const first = open(folder, crashing);
  expect(() => first.watcher.evaluate(disks({ '/': 95, '/data': 95 }))).toThrow('killed');
  const second = open(folder, crashing);
  expect(second.watcher.openAlerts.map(({ source }) => source)).toEqual(['/', '/data']);
  expect(() => second.watcher.evaluate(disks({ '/': 10, '/data': 95 }))).toThrow('killed');
  const third = open(folder);
  third.watcher.evaluate(disks({ '/': 10, '/data': 95 }));
  expect(alertsIn(third.spool)).toEqual(['+/', '+/data', '-/']);
});

test('a disk that was full in between keeps the alerts when it has room again', () => {
  const folder = temporaryFolder();
  let isFull = false;
  const { tell, watcher, spool } = open(folder, (store) => ({
    load: () => store.load(),
    save: (kept) => !isFull && store.save(kept),
  }));
  tell([DISK]);
  isFull = true;
  watcher.evaluate(disks({ '/': 95 }));
  isFull = false;
  watcher.evaluate(disks({ '/': 95 }));
  spool.forget([...spool.waiting()].map(({ id }) => id));
  expect(open(folder).watcher.openAlerts).toEqual([{ rule: 'disk', source: '/' }]);
});

test('a new set of rules replaces the old one, and clears what the old one had raised', () => {
  const { spool, watcher, tell } = open(temporaryFolder());
  tell([DISK]);
  watcher.evaluate(disks({ '/': 95 }));
  tell([{ ...DISK, key: 'other', watch: { ...DISK.watch, raiseAt: 99 } as DeviceRule['watch'] }], 'v2');
  watcher.evaluate(disks({ '/': 95 }));
  expect(alertsIn(spool)).toEqual(['+/', '-/']);
});

test('a damaged file of rules counts as none', () => {
  for (const content of ['', '{', '{"version":1}', '{"version":"v","rules":[{"key":1}],"open":[]}', 'null']) {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'rules.json'), content);
    expect(open(folder).watcher.openAlerts).toEqual([]);
  }
});

test('status that waits in the spool is no alert', () => {
  const folder = temporaryFolder();
  open(folder).spool.add((id) => statusReport.frame({ id }, []));
  expect(open(folder).watcher.openAlerts).toEqual([]);
});

test('a service rule that names nobody watches what the gateway names', () => {
  const { spool, watcher, tell } = open(temporaryFolder());
  const service = (key: string, targets: string[]): DeviceRule => ({
    ...DISK,
    key,
    description: '{target}',
    watch: { kind: 'service', targets, forMs: 0 },
  });
  tell([service('service-down', []), service('other', ['sshd'])]);
  expect(watcher.targets).toEqual(['dnsmasq', 'sshd']);
  const down = { state: 'not running', isGood: false };
  watcher.evaluate({ values: {}, targets: new Map([['dnsmasq', down]]) });
  expect(alertsIn(spool)).toEqual(['+dnsmasq']);
});

const HOT: DeviceRule = {
  ...DISK,
  key: 'hot',
  of: { kind: 'sensors', kinds: ['oven'], models: [] },
  watch: { kind: 'threshold', metric: 'oven.celsius', direction: 'above', raiseAt: 90, clearAt: 80, forMs: 0 },
};
const OVEN = { id: 'oven-1', kind: 'oven', model: '', name: 'Oven' };

test('what a sensor tells is evaluated within a second, whatever the host does', () => {
  const { clock, spool, watcher, tell } = open(temporaryFolder());
  tell([HOT]);
  watcher.evaluate(disks({}));
  watcher.setSensors([OVEN]);
  watcher.observe('oven-1', { 'oven.celsius': 95 });
  watcher.observe('unknown', { 'oven.celsius': 95 });
  clock.advance(1000);
  expect(alertsIn(spool)).toEqual(['+oven-1']);
  watcher.setSensors([]);
  clock.advance(1000);
  expect(alertsIn(spool)).toEqual(['+oven-1', '-oven-1']);
  watcher.close();
});

test('a restart neither clears nor raises the alert of a sensor that has said nothing yet', () => {
  const folder = temporaryFolder();
  const first = open(folder);
  first.tell([HOT]);
  first.watcher.setSensors([OVEN]);
  first.watcher.observe('oven-1', { 'oven.celsius': 95 });
  first.watcher.evaluate(disks({}));
  expect(alertsIn(first.spool)).toEqual(['+oven-1']);
  const second = open(folder);
  second.watcher.evaluate(disks({}));
  second.watcher.setSensors([OVEN]);
  second.clock.advance(1000);
  second.watcher.observe('oven-1', { 'oven.celsius': 95 });
  second.clock.advance(1000);
  expect(alertsIn(second.spool)).toEqual(['+oven-1']);
  second.watcher.observe('oven-1', { 'oven.celsius': 20 });
  second.clock.advance(1000);
  expect(alertsIn(second.spool)).toEqual(['+oven-1', '-oven-1']);
});

test('what happens in a log raises, and clears by itself when it has been quiet', () => {
  const { clock, spool, watcher, tell } = open(temporaryFolder());
  tell([
    { ...DISK, watch: { kind: 'log', unit: '', path: '', pattern: 'x', count: 2, windowMs: 60_000, quietMs: 60_000 } },
  ]);
  watcher.evaluate(disks({}));
  watcher.happened({ rule: 'disk', kind: 'hit', text: 'a' });
  watcher.happened({ rule: 'disk', kind: 'hit', text: 'b' });
  clock.advance(1000);
  expect(alertsIn(spool)).toEqual(['+']);
  clock.advance(60_000);
  watcher.evaluate(disks({}));
  expect(alertsIn(spool)).toEqual(['+', '-']);
});

test('rules count when all of their parts are there', () => {
  const { watcher } = open(temporaryFolder());
  const many = Array.from({ length: 100 }, (_, at) => ({ ...DISK, key: `rule-${at}`, description: 'x'.repeat(500) }));
  const frames = ruleFrames('v1', many);
  expect(frames.length).toBeGreaterThan(5);
  for (const frame of frames.slice(0, -1)) watcher.handle(frame, noLink);
  expect(watcher.watches('rule-0')).toBe(false);
  watcher.handle(frames.at(-1)!, noLink);
  expect(watcher.watches('rule-99')).toBe(true);
  // A part that is missing makes none of them count, and neither does one of another set.
  for (const frame of ruleFrames('v2', many.slice(50)).slice(1)) watcher.handle(frame, noLink);
  expect(watcher.watches('rule-0')).toBe(true);
});
