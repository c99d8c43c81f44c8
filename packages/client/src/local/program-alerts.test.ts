import { afterAll, expect, test } from 'bun:test';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertClear, alertRaise } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { systemClock } from '../clock.ts';
import { silentLog } from '../log.ts';
import { noJournal } from '../spool/journal.ts';
import { Spool } from '../spool/spool.ts';
import { ProgramAlerts } from './program-alerts.ts';

afterAll(removeTemporaryFolders);

const ALERT = {
  source: 'oven-1',
  rule: 'too-hot',
  severity: 'warning',
  description: 'Hot',
  values: { value: 290 },
} as const;
const OTHER = { ...ALERT, rule: 'open' };

function newSpool(): Spool {
  const options = { journal: noJournal, bytesMax: 1e6, messagesMax: 100, random: () => 0.5 };
  return new Spool({ ...options, clock: systemClock, log: silentLog });
}

function open(path: string, spool: Spool): ProgramAlerts {
  const submit = spool.add.bind(spool);
  return new ProgramAlerts({ path, waiting: [...spool.waiting()], submit, clock: systemClock, log: silentLog });
}

const countOf = (spool: Spool): number => [...spool.waiting()].length;

test('what is open is raised once, over restarts too', () => {
  const [path, spool] = [join(temporaryFolder(), 'alerts.json'), newSpool()];
  open(path, spool).raise(ALERT);
  open(path, spool).raise(ALERT);
  const alerts = open(path, spool);
  alerts.raise(ALERT);
  expect([countOf(spool), alerts.isOpen(ALERT)]).toEqual([1, true]);
  alerts.clear(ALERT);
  open(path, spool).clear(ALERT);
  expect(countOf(spool)).toBe(2);
});

// What a kill leaves behind: the file as it was at each write, and the spool as it was at each message.
test.each(['raise', 'clear'] as const)('a kill at any point of a %s leaves neither none nor two', (step) => {
  const [path, spool] = [join(temporaryFolder(), 'alerts.json'), newSpool()];
  const before = open(path, spool);
  if (step === 'clear') before.raise(ALERT);
  const messages = countOf(spool);
  const files: string[] = [];
  const submit = (make: Parameters<Spool['add']>[0]): void => {
    files.push(readFileSync(path, 'utf8'));
    spool.add(make);
  };
  const alerts = new ProgramAlerts({ path, waiting: [], submit, clock: systemClock, log: silentLog });
  alerts[step](ALERT);
  for (const [kept, hasMessage] of [
    [files[0]!, false],
    [files[0]!, true],
    [readFileSync(path, 'utf8'), true],
  ] as const) {
    writeFileSync(path, kept);
    const later = newSpool();
    const frame = step === 'raise' ? alertRaise.frame : alertClear.frame;
    if (hasMessage) later.add((id) => frame({ id }, { ts: 1, ...ALERT }));
    const recovered = open(path, later);
    expect([recovered.isOpen(ALERT), countOf(later)]).toEqual([step === 'raise', 1]);
  }
  expect(countOf(spool)).toBe(messages + 1);
});

test('messages about alerts of programs are told from those of rules', () => {
  const [path, spool] = [join(temporaryFolder(), 'alerts.json'), newSpool()];
  const alerts = open(path, spool);
  alerts.raise(ALERT);
  spool.add((id) => alertRaise.frame({ id }, { ts: 1, ...OTHER }));
  expect([...alerts.others(spool.waiting())]).toHaveLength(1);
});

test('a file that holds something else counts as none', () => {
  const path = join(temporaryFolder(), 'alerts.json');
  for (const content of [
    '',
    '{',
    '{}',
    '[null]',
    '[{"source":1}]',
    '[{"source":"a","rule":"b","state":"raising","ts":1,"alert":{}}]',
  ]) {
    writeFileSync(path, content);
    expect(open(path, newSpool()).size).toBe(0);
  }
});
