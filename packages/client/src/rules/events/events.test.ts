import { afterAll, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { compilePattern, type DeviceRule, type DeviceWatch, type Pattern, type RuleEvent } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/folder.ts';
import { ManualClock } from '../../../test/manual-clock.ts';
import { DBUS_DAEMON, TestBus } from '../../../test/test-bus.ts';
import { until } from '../../../test/until.ts';
import { systemClock } from '../../clock.ts';
import { connectToBus } from '../../dbus/bus.ts';
import { JOURNAL_RETRY_MS, LOG_LINE_LENGTH_MAX, LOG_POLL_BYTES_MAX, LOG_POLL_MS } from '../../limits.ts';
import { silentLog } from '../../log.ts';
import { EventSources } from './event-sources.ts';
import { followFile } from './file-follower.ts';
import { followJournal } from './journal-follower.ts';
import { Lines } from './lines.ts';
import { createSearch } from './log-watch.ts';

afterAll(removeTemporaryFolders);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const rule = (watch: DeviceWatch, key = 'rule'): DeviceRule => ({
  key,
  version: 1,
  severity: 'warning',
  description: '',
  of: { kind: 'gateway' },
  watch,
});

test('chunks become lines, also where they part a character, and a long line is cut', () => {
  const lines = new Lines();
  const zaehler = bytes('Zähler\nx');
  expect(lines.take(zaehler.subarray(0, 2))).toEqual([]);
  expect(lines.take(zaehler.subarray(2))).toEqual(['Zähler']);
  expect(lines.take(bytes(`${'y'.repeat(LOG_LINE_LENGTH_MAX * 2)}\n`))[0]!.length).toBe(LOG_LINE_LENGTH_MAX);
});

describe('a file', () => {
  function follow(path: string, folder: string) {
    const clock = new ManualClock();
    const told: string[] = [];
    const stop = followFile(path, [folder], clock, (lines) => told.push(...lines));
    const look = (): string[] => {
      clock.advance(LOG_POLL_MS);
      return told.splice(0);
    };
    return { clock, look, stop };
  }

  test('is followed from its end, over rotation, and when it comes later', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.log');
    writeFileSync(path, 'old\n');
    const { look, stop, clock } = follow(path, folder);
    appendFileSync(path, 'one\ntw');
    expect(look()).toEqual(['one']);
    appendFileSync(path, 'o\n');
    expect(look()).toEqual(['two']);
    renameSync(path, `${path}.1`);
    expect(look()).toEqual([]);
    writeFileSync(path, 'three\n');
    expect(look()).toEqual(['three']);
    writeFileSync(path, 'x\n');
    expect(look()).toEqual(['x']);
    stop();
    expect(clock.waitsMs).toEqual([]);
  });

  test('that grows faster than it may be read is read at its end', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'app.log');
    writeFileSync(path, '');
    const { look, stop } = follow(path, folder);
    appendFileSync(path, `${'x'.repeat(LOG_POLL_BYTES_MAX)}\nlast\n`);
    expect(look().at(-1)).toBe('last');
    stop();
  });

  test('outside of the folders is not read, wherever links lead', () => {
    const folder = temporaryFolder();
    const elsewhere = temporaryFolder();
    const secret = join(elsewhere, 'secret');
    writeFileSync(secret, '');
    symlinkSync(secret, join(folder, 'link'));
    mkdirSync(join(folder, 'directory'));
    for (const path of [secret, join(folder, 'link'), join(folder, '..', 'secret'), join(folder, 'directory')]) {
      const { look, stop } = follow(path, folder);
      appendFileSync(secret, 'password\n');
      expect(look()).toEqual([]);
      stop();
    }
  });
});

test('lines for one rule take no more of the processor than they may, and of hits no more than the rule counts', () => {
  const clock = new ManualClock();
  let tested = 0;
  const slow: Pattern = {
    test() {
      tested++;
      clock.advance(20);
      return true;
    },
  };
  let hits = 0;
  createSearch(slow, 1000, clock, () => hits++)(Array.from({ length: 1000 }, () => 'x'));
  // 50 ms of each second: 3 lines, and then the others are passed over without the clock going on.
  expect([tested, hits]).toEqual([3, 3]);
  hits = 0;
  const search = createSearch(compilePattern('x') as Pattern, 2, clock, () => hits++);
  search(['x', 'x', 'x', 'x']);
  clock.advance(1000);
  search(['x', 'y']);
  expect(hits).toBe(3);
});

test('the journal is followed through journalctl, which is started again when it ends', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'journalctl');
  const log = join(folder, 'arguments');
  writeFileSync(program, `#!/bin/sh\necho "$@" >> ${log}\necho first line\nprintf 'second'\necho ' line'\n`);
  chmodSync(program, 0o755);
  const clock = new ManualClock();
  const told: string[] = [];
  const stop = followJournal('ssh.service', clock, (lines) => told.push(...lines), program);
  await until(() => clock.waitsMs.length > 0 && told.length === 2);
  clock.advance(JOURNAL_RETRY_MS);
  await until(() => told.length === 4);
  expect(told).toEqual(['first line', 'second line', 'first line', 'second line']);
  expect(readFileSync(log, 'utf8').split('\n')[0]).toBe(
    '--follow --lines=0 --output=cat --no-pager --unit=ssh.service',
  );
  stop();
});

test('a journal that is followed leaves no process behind', async () => {
  const folder = temporaryFolder();
  const program = join(folder, 'journalctl');
  const pidFile = join(folder, 'pid');
  writeFileSync(program, `#!/bin/sh\necho $$ > ${pidFile}.new && mv ${pidFile}.new ${pidFile}\nexec sleep 600\n`);
  chmodSync(program, 0o755);
  const stop = followJournal('', systemClock, () => undefined, program);
  await until(() => existsSync(pidFile));
  const pid = Number(readFileSync(pidFile, 'utf8'));
  stop();
  await until(() => !existsSync(`/proc/${pid}/exe`));
});

test('only what rules want is followed, and what goes on is not disturbed', async () => {
  const folder = temporaryFolder();
  const clock = new ManualClock();
  const happened: Omit<RuleEvent, 'atMs'>[] = [];
  const path = join(folder, 'app.log');
  writeFileSync(path, '');
  const sources = new EventSources({
    folders: [folder],
    address: 'unix:path=/nonexistent',
    clock,
    random: Math.random,
    log: silentLog,
    happened: (event) => happened.push(event),
  });
  const log: DeviceWatch = { kind: 'log', unit: '', path, pattern: 'bad \\d', count: 1, windowMs: 1000, quietMs: 1000 };
  sources.follow([]);
  expect(clock.waitsMs).toEqual([]);
  sources.follow([rule(log), rule({ ...log, pattern: '(' }, 'wrong')]);
  appendFileSync(path, 'good\nbad 1\n');
  // The rules are told again, with another beside them, before the file is looked at.
  sources.follow([rule(log), rule({ kind: 'service', targets: [], forMs: 0 }, 'other')]);
  clock.advance(LOG_POLL_MS);
  expect(happened).toEqual([{ rule: 'rule', kind: 'hit', text: 'bad 1' }]);
  sources.close();
  expect(clock.waitsMs).toEqual([]);
});

test.skipIf(!DBUS_DAEMON)('signals are heard, also after the bus was restarted', async () => {
  const daemon = await TestBus.start();
  const happened: string[] = [];
  const address = `unix:path=${daemon.path}`;
  const sources = new EventSources({
    folders: [],
    address,
    clock: systemClock,
    random: Math.random,
    log: silentLog,
    happened: ({ rule: key, kind, text }) => happened.push(`${key} ${kind} ${text}`),
  });
  const watch = {
    kind: 'signal',
    interface: 'io.example.Ups',
    member: 'OnBattery',
    path: '',
    clearMember: 'OnLine',
    quietMs: 0,
  } as const;
  sources.follow([
    rule(watch, 'any'),
    rule({ ...watch, path: '/ups/1' }, 'one'),
    rule({ ...watch, interface: "io.example.Ups',member='x" }, 'hostile'),
  ]);
  const say = async (path: string, member: string, text: string): Promise<void> => {
    const bus = await connectToBus(daemon.path, systemClock, { called: () => undefined, signalled: () => undefined });
    bus.signal(path, 'io.example.Ups', member, 's', [text]);
    // An answer of the bus comes after what was sent before.
    await bus.userOf('org.freedesktop.DBus').catch(() => undefined);
    bus.close();
  };
  // Says it until it is heard: nobody tells when somebody has begun to listen.
  const heard = async (wanted: string): Promise<void> => {
    for (let turn = 0; turn < 500 && !happened.includes(wanted); turn++) {
      await say('/ups/1', 'OnBattery', 'again').catch(() => undefined);
      await Bun.sleep(10);
    }
    expect(happened).toContain(wanted);
    // Whatever was said is heard before what comes now.
    await say('/ups/1', 'OnBattery', 'end');
    await until(() => happened.includes('one hit end'));
    happened.length = 0;
  };
  await heard('one hit again');
  await say('/ups/2', 'OnBattery', 'low');
  await say('/ups/1', 'OnLine', '');
  await say('/ups/1', 'Other', '');
  await until(() => happened.length >= 3);
  expect(happened).toEqual(['any hit low', 'any clear ', 'one clear ']);
  await daemon.stop();
  await daemon.start();
  await heard('one hit again');
  sources.close();
  await daemon.stop();
});
