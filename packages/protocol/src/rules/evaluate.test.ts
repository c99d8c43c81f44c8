import { expect, test } from 'bun:test';
import type { DeviceRule, DeviceWatch } from '../messages/alert-rules.ts';
import type { MetricValue } from '../messages/status.ts';
import { evaluate, NO_STATE, type AlertChange, type RuleState } from './evaluate.ts';
import type { Facts, Reading, RuleEvent, SourceFacts, TargetState } from './facts.ts';

const DISK: DeviceWatch = {
  kind: 'threshold',
  metric: 'disk.*.usedPercent',
  direction: 'above',
  raiseAt: 90,
  clearAt: 80,
  forMs: 0,
};

const rule = (watch: DeviceWatch, parts: Partial<DeviceRule> = {}): DeviceRule => ({
  key: 'rule',
  version: 1,
  severity: 'warning',
  description: '{source} is at {value}',
  of: { kind: 'gateway' },
  watch,
  ...parts,
});
const ofSensors = (watch: DeviceWatch, kinds: string[] = [], models: string[] = []): DeviceRule =>
  rule(watch, { of: { kind: 'sensors', kinds, models } });

interface Told {
  /** Values of the gateway, all that there are. */
  readonly host?: { readonly [metric: string]: MetricValue };
  /** Values of sensors that are new; a sensor that isn't named keeps its own. */
  readonly sensors?: { readonly [id: string]: { readonly [metric: string]: MetricValue } };
  readonly gone?: string[];
  readonly targets?: { readonly [name: string]: boolean };
  readonly events?: readonly RuleEvent['kind'][];
  /** Seconds since the fact before; 5 otherwise. */
  readonly after?: number;
}

/** Tells facts one after the other, and returns the changes of each as text. */
function run(rules: DeviceRule[], ...told: Told[]): string[] {
  let state: RuleState = NO_STATE;
  let nowMs = 0;
  const sources = new Map<string, { readings: Map<string, Reading> } & Omit<SourceFacts, 'readings'>>();
  return told.map(({ host, sensors, gone, targets, events = [], after = 5 }) => {
    nowMs += after * 1000;
    const put = (id: string, values: { readonly [metric: string]: MetricValue }): void => {
      const source = sources.get(id) ?? { kind: 'oven', model: 'X', name: '', readings: new Map<string, Reading>() };
      sources.set(id, source);
      for (const [metric, value] of Object.entries(values)) {
        const before = source.readings.get(metric);
        const changes = (before?.changes ?? 0) + Number(before !== undefined && before.value !== value);
        source.readings.set(metric, { value, atMs: nowMs, changes });
      }
    };
    if (host) {
      sources.get('')?.readings.clear();
      put('', host);
    }
    for (const [id, values] of Object.entries(sensors ?? {})) put(id, values);
    for (const id of gone ?? []) sources.delete(id);
    const facts: Facts = {
      sources,
      targets: new Map(
        Object.entries(targets ?? {}).map(([name, isGood]): [string, TargetState] => [
          name,
          { state: isGood ? 'active' : 'failed', isGood },
        ]),
      ),
      events: events.map((kind) => ({ rule: 'rule', kind, atMs: nowMs, text: `line ${nowMs}` })),
    };
    const result = evaluate(state, rules, facts, nowMs, 100);
    state = result.state;
    return result.changes.map(textOf).join(' ');
  });
}

const textOf = ({ kind, name }: AlertChange): string => `${kind === 'raise' ? '+' : '-'}${name.source}`;
const disk = (path: string, percent: number): Told => ({ host: { [`disk.${path}.usedPercent`]: percent } });
const oven = (state: string, after = 5): Told => ({ sensors: { 'oven-1': { 'oven.state': state } }, after });

test('an alert is raised once at its limit and cleared once when back past the lower one', () => {
  const percents = [89.9, 90, 95, 85, 80.1, 80, 85, 90];
  expect(run([rule(DISK)], ...percents.map((percent) => disk('/', percent)))).toEqual([
    '',
    '+/',
    '',
    '',
    '',
    '-/',
    '',
    '+/',
  ]);
});

test('below works as above, mirrored', () => {
  const battery = rule({ ...DISK, metric: 'battery.percent', direction: 'below', raiseAt: 20, clearAt: 30 });
  const percents = [21, 20, 25, 29, 30];
  expect(run([battery], ...percents.map((percent) => ({ host: { 'battery.percent': percent } })))).toEqual([
    '',
    '+',
    '',
    '',
    '-',
  ]);
});

test('a limit must be passed for the whole time, a dip starts it again', () => {
  const slow = rule({ ...DISK, forMs: 10_000 });
  const percents = [95, 95, 70, 95, 95, 95, 95];
  expect(run([slow], ...percents.map((percent) => disk('/', percent)))).toEqual(['', '', '', '', '', '+/', '']);
});

test('each match of the star is watched on its own', () => {
  expect(
    run(
      [rule(DISK)],
      { host: { 'disk./.usedPercent': 95, 'disk./data.usedPercent': 95, 'load.1m': 99 } },
      { host: { 'disk./.usedPercent': 10, 'disk./data.usedPercent': 95 } },
    ),
  ).toEqual(['+/ +/data', '-/']);
});

test('what went away is no problem any more', () => {
  expect(run([rule(DISK)], disk('/usb', 99), { host: {} })).toEqual(['+/usb', '-/usb']);
});

test('a service is a problem when it was down long enough', () => {
  expect(
    run(
      [rule({ kind: 'service', targets: ['sshd', 'cron'], forMs: 10_000 })],
      { targets: { sshd: true, cron: false } },
      { targets: { sshd: false, cron: false } },
      { targets: { sshd: true, cron: false } },
      { targets: { sshd: true, cron: true } },
    ),
  ).toEqual(['', '', '+cron', '-cron']);
});

test('a sensor is watched by its kind and model, and each on its own', () => {
  const hot: DeviceWatch = { ...DISK, metric: 'oven.celsius' };
  const told = { sensors: { a: { 'oven.celsius': 99 }, b: { 'oven.celsius': 20 } } };
  expect(run([ofSensors(hot)], told, { sensors: { b: { 'oven.celsius': 95 } } }, { gone: ['a'] })).toEqual([
    '+a',
    '+b',
    '-a',
  ]);
  expect(run([ofSensors(hot, ['oven'], ['X'])], told)).toEqual(['+a']);
  expect(run([ofSensors(hot, ['heating'])], told)).toEqual(['']);
  expect(run([ofSensors(hot, ['oven'], ['Y'])], told)).toEqual(['']);
  expect(run([rule(hot)], told)).toEqual(['']);
});

test('a state is a problem when it lasts', () => {
  const on = ofSensors({ kind: 'state', metric: 'oven.state', states: ['on', 'heating'], forMs: 10_000 });
  expect(run([on], oven('on'), oven('heating'), oven('off'), oven('on'), oven('on'), oven('on'), oven('off'))).toEqual([
    '',
    '',
    '',
    '',
    '',
    '+oven-1',
    '-oven-1',
  ]);
  const door = ofSensors({ kind: 'state', metric: 'door.open', states: [true], forMs: 0 });
  expect(run([door], { sensors: { o: { 'door.open': 'true' } } }, { sensors: { o: { 'door.open': true } } })).toEqual([
    '',
    '+o',
  ]);
});

test('a rate is what changed within the window, and looks at a whole one before it says that all is good', () => {
  const filling = rule({ ...DISK, kind: 'rate', metric: 'used', raiseAt: 10, clearAt: 5, windowMs: 20_000, forMs: 0 });
  const used = [0, 1, 2, 3, 4, 15, 16, 17, 18, 19];
  expect(run([filling], ...used.map((value) => ({ host: { used: value } }))).join(' ')).toBe('     +    -');
  const falling = rule({
    ...DISK,
    kind: 'rate',
    metric: 'bar',
    direction: 'below',
    raiseAt: -1,
    clearAt: 0,
    windowMs: 10_000,
    forMs: 0,
  });
  expect(run([falling], ...[3, 3, 1.5, 1.5, 1.5].map((bar) => ({ host: { bar } })))).toEqual(['', '', '+', '', '-']);
  const early = [0, 12, 12, 12, 12, 12].map((value) => ({ host: { used: value } }));
  expect(run([filling], ...early)).toEqual(['', '+', '', '', '', '-']);
  const stuck = rule({
    ...DISK,
    kind: 'rate',
    metric: 'kwh',
    direction: 'below',
    raiseAt: 0,
    clearAt: 1,
    windowMs: 10_000,
    forMs: 0,
  });
  expect(run([stuck], ...[7, 7, 7, 9].map((kwh) => ({ host: { kwh } })))).toEqual(['', '', '+', '-']);
});

test('what is told no more is absent, also if it never was', () => {
  const silent = ofSensors({ kind: 'absence', metric: '', forMs: 10_000 });
  expect(run([silent], oven('on'), {}, {}, oven('on'), { gone: ['oven-1'], after: 60 })).toEqual([
    '',
    '',
    '+oven-1',
    '-oven-1',
    '',
  ]);
  const never = ofSensors({ kind: 'absence', metric: 'power.watts', forMs: 10_000 });
  expect(run([never], oven('on'), oven('on'), oven('on'))).toEqual(['', '', '+oven-1']);
});

test('flapping is many changes within the window, until it has been quiet', () => {
  const flapping = ofSensors({ kind: 'flapping', metric: 'oven.state', changes: 3, windowMs: 20_000, quietMs: 15_000 });
  const states = ['off', 'on', 'off', 'on', 'on', 'on', 'on'];
  expect(run([flapping], ...states.map((state) => oven(state)))).toEqual(['', '', '', '+oven-1', '', '', '-oven-1']);
  const slow = ['off', 'on', 'off', 'on', 'off'];
  expect(run([flapping], ...slow.map((state) => oven(state, 14)))).toEqual(['', '', '', '', '']);
});

test('lines of a log are counted within the window, until it has been quiet', () => {
  const log = rule({ kind: 'log', unit: '', path: '', pattern: 'x', count: 2, windowMs: 10_000, quietMs: 20_000 });
  const hit: Told = { events: ['hit'] };
  expect(run([log], hit, {}, {}, {}, hit, hit, {}, {}, {}, {})).toEqual(['', '', '', '', '', '+', '', '', '', '-']);
  expect(run([log], { events: ['hit', 'hit'] })).toEqual(['+']);
});

test('a signal is a problem until the other signal, or until it has been quiet', () => {
  const watch = { kind: 'signal', interface: 'a.B', member: 'Bad', path: '', clearMember: 'Good', quietMs: 0 } as const;
  expect(run([rule(watch)], { events: ['hit'] }, { after: 99_999 }, { events: ['clear'] }, {})).toEqual([
    '+',
    '',
    '-',
    '',
  ]);
  expect(run([rule(watch)], { events: ['hit', 'clear'] })).toEqual(['']);
  expect(run([rule({ ...watch, quietMs: 10_000 })], { events: ['hit'] }, {}, {})).toEqual(['+', '', '-']);
});

test('a kind of watch that is not known says nothing', () => {
  expect(run([rule({ kind: 'unknown' })], disk('/', 99))).toEqual(['']);
});

test('a rule that is gone clears its alerts', () => {
  const facts = { sources: new Map(), targets: new Map([['a', { state: 'failed', isGood: false }]]), events: [] };
  const raised = evaluate(NO_STATE, [rule({ kind: 'service', targets: ['a'], forMs: 0 })], facts, 0, 100);
  expect(evaluate(raised.state, [], facts, 0, 100).changes.map(textOf)).toEqual(['-a']);
});

test('what was measured for another version of a rule counts for nothing', () => {
  const facts = { sources: new Map(), targets: new Map([['a', { state: 'failed', isGood: false }]]), events: [] };
  const down = rule({ kind: 'service', targets: ['a'], forMs: 1000 });
  const first = evaluate(NO_STATE, [down], facts, 0, 100);
  expect(first.dueMs).toBe(1000);
  expect(evaluate(first.state, [down], facts, 1000, 100).changes.map(textOf)).toEqual(['+a']);
  expect(evaluate(first.state, [{ ...down, version: 2 }], facts, 1000, 100).changes).toEqual([]);
});

test('an open alert is known after a restart: it is neither raised again nor cleared for want of facts', () => {
  const open = (source: string): RuleState => ({
    open: new Map([[`rule\0${source}`, { rule: 'rule', source }]]),
    memories: new Map(),
  });
  const sensor = { kind: 'oven', model: '', name: '', readings: new Map() };
  const facts = { sources: new Map([['o', sensor]]), targets: new Map(), events: [] };
  for (const watch of [
    { ...DISK, metric: 'oven.celsius' },
    { ...DISK, kind: 'rate', metric: 'oven.celsius', windowMs: 1000 },
    { kind: 'state', metric: 'oven.state', states: ['on'], forMs: 0 },
    { kind: 'absence', metric: '', forMs: 10_000 },
    { kind: 'flapping', metric: 'oven.state', changes: 3, windowMs: 1000, quietMs: 1000 },
  ] as const)
    expect(evaluate(open('o'), [ofSensors(watch as DeviceWatch)], facts, 0, 100).changes).toEqual([]);
  const log = rule({ kind: 'log', unit: '', path: '', pattern: 'x', count: 2, windowMs: 10_000, quietMs: 20_000 });
  const after = evaluate(open(''), [log], facts, 0, 100);
  expect(after.changes).toEqual([]);
  expect(evaluate(after.state, [log], facts, 20_000, 100).changes.map(textOf)).toEqual(['-']);
});

test('a raise carries severity, a text with its values filled in, and the values', () => {
  const description = '{usedPercent} % of {mount} ({source}, {value}, {metric}), limit {raiseAt}, {unknown}';
  const reading = { value: 97.512, atMs: 0, changes: 0 };
  const host = { kind: '', model: '', name: '', readings: new Map([['disk./.usedPercent', reading]]) };
  const facts = { sources: new Map([['', host]]), targets: new Map(), events: [] };
  const { changes } = evaluate(NO_STATE, [rule(DISK, { severity: 'critical', description })], facts, 0, 100);
  expect(changes).toEqual([
    {
      kind: 'raise',
      name: { rule: 'rule', source: '/' },
      severity: 'critical',
      description: '97.51 % of / (/, 97.51, disk./.usedPercent), limit 90, {unknown}',
      values: { value: 97.512, usedPercent: 97.512, mount: '/', metric: 'disk./.usedPercent' },
    },
  ]);
});

test('a value in words, or of another kind, never raises a threshold', () => {
  const mode = rule({ ...DISK, metric: 'mode' });
  expect(run([mode], { host: { mode: 'full' } }, { host: { mode: true } })).toEqual(['', '']);
});

test('no more alerts are open than the limit, and what waits is raised when there is room', () => {
  const readings = (value: number) =>
    new Map(Array.from({ length: 10 }, (_, index) => [`disk.${index}.usedPercent`, { value, atMs: 0, changes: 0 }]));
  const facts = (value: number): Facts => ({
    sources: new Map([['', { kind: '', model: '', name: '', readings: readings(value) }]]),
    targets: new Map(),
    events: [],
  });
  const first = evaluate(NO_STATE, [rule(DISK)], facts(99), 0, 4);
  expect([first.changes.length, first.state.open.size]).toEqual([4, 4]);
  expect(evaluate(first.state, [rule(DISK)], facts(99), 0, 6).changes.length).toBe(2);
});
