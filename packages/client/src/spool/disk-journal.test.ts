import { afterAll, describe, expect, test } from 'bun:test';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { decodeFrame, encodeFrame, FRAME_BYTES_MAX_UP, PROTO, statusReport } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { ManualClock } from '../../test/manual-clock.ts';
import { silentLog, type Log } from '../log.ts';
import { DiskJournal } from './disk-journal.ts';
import type { SpooledMessage } from './journal.ts';
import { Spool } from './spool.ts';

afterAll(removeTemporaryFolders);

const BYTES_MAX = 256 * 1024;

function message(id: number): SpooledMessage {
  return {
    id,
    proto: PROTO.status,
    bytes: encodeFrame(statusReport.frame({ id }, [{ ts: id, source: '', values: { a: id } }])),
  };
}

function openJournal(
  folder: string,
  bytesMax = BYTES_MAX,
  log: Log = silentLog,
): { journal: DiskJournal; ids: number[]; nextId: number | undefined } {
  const journal = new DiskJournal(folder, bytesMax, log);
  const { messages, nextId } = journal.recover();
  return { journal, ids: messages.map(({ id }) => id), nextId };
}

function openSpool(folder: string, bytesMax = BYTES_MAX): Spool {
  const journal = new DiskJournal(folder, bytesMax, silentLog);
  return new Spool({
    journal,
    bytesMax,
    messagesMax: 100_000,
    clock: new ManualClock(),
    random: Math.random,
    log: silentLog,
  });
}

function addStatus(spool: Spool, ts: number): void {
  spool.add((id) => statusReport.frame({ id }, [{ ts, source: `sensor-${ts}`, values: { text: 'x'.repeat(100) } }]));
}

function timesIn(spool: Spool): number[] {
  return [...spool.waiting()].flatMap(({ bytes }) =>
    statusReport.read(decodeFrame(bytes, FRAME_BYTES_MAX_UP)).body.map(({ ts }) => ts),
  );
}

function sizeOf(folder: string): number {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

test('what was added and not forgotten is there after a restart, in order', () => {
  const folder = temporaryFolder();
  const first = openSpool(folder);
  for (let ts = 0; ts < 500; ts++) addStatus(first, ts);
  first.forget([...first.waiting()].filter((_, index) => index % 3 === 0).map(({ id }) => id));
  first.close();
  expect(timesIn(openSpool(folder))).toEqual(Array.from({ length: 500 }, (_, ts) => ts).filter((ts) => ts % 3 !== 0));
});

test('ids go on after a clean restart, and jump past the reserved ones after a crash', () => {
  const folder = temporaryFolder();
  const first = openSpool(folder);
  for (let ts = 0; ts < 3; ts++) addStatus(first, ts);
  const last = [...first.waiting()].at(-1)!.id;
  const crashed = join(temporaryFolder(), 'copy');
  cpSync(folder, crashed, { recursive: true });
  first.close();

  const clean = openSpool(folder);
  addStatus(clean, 3);
  expect([...clean.waiting()].at(-1)!.id).toBe(last + 1);

  const after = openSpool(crashed);
  addStatus(after, 3);
  expect([...after.waiting()].at(-1)!.id).toBeGreaterThan(last + 100);
});

test('an empty spool remembers which ids were used', () => {
  const folder = temporaryFolder();
  const first = openSpool(folder);
  addStatus(first, 0);
  const { id } = [...first.waiting()][0]!;
  first.forget([id]);
  first.close();
  const second = openSpool(folder);
  addStatus(second, 1);
  expect([...second.waiting()].map((each) => each.id)).toEqual([id + 1]);
});

test('a write torn at any byte costs only what was being written', () => {
  const folder = temporaryFolder();
  const { journal } = openJournal(folder);
  journal.reserve(1000);
  const file = (): string => join(folder, readdirSync(folder).at(-1)!);
  const ends: number[] = [];
  for (let id = 1; id <= 5; id++) {
    journal.add(message(id));
    ends.push(statSync(file()).size);
  }
  const whole = readFileSync(file());
  const torn = temporaryFolder();
  for (let size = 0; size <= whole.length; size++) {
    const copy = join(torn, String(size));
    mkdirSync(copy);
    writeFileSync(join(copy, '000000000001.journal'), whole.subarray(0, size));
    const { ids } = openJournal(copy);
    expect(ids).toEqual([1, 2, 3, 4, 5].slice(0, ends.filter((end) => end <= size).length));
  }
});

test('a rotten byte anywhere never brings a wrong message, and the spool goes on', () => {
  const folder = temporaryFolder();
  const { journal } = openJournal(folder);
  for (let id = 1; id <= 2; id++) journal.add(message(id));
  const whole = readFileSync(join(folder, '000000000001.journal'));
  const rotten = temporaryFolder();
  for (let at = 0; at < whole.length; at++) {
    const copy = join(rotten, String(at));
    mkdirSync(copy);
    const bytes = Uint8Array.from(whole);
    bytes[at]! ^= 0x55;
    writeFileSync(join(copy, '000000000001.journal'), bytes);
    const opened = openJournal(copy);
    expect([1, 2].slice(0, opened.ids.length)).toEqual(opened.ids);
    opened.journal.add(message(9));
    expect(openJournal(copy).ids).toEqual([...opened.ids, 9]);
  }
});

test('after a torn write the next start writes a segment of its own', () => {
  const folder = temporaryFolder();
  const first = openJournal(folder);
  for (let id = 1; id <= 3; id++) first.journal.add(message(id));
  const path = join(folder, '000000000001.journal');
  truncateSync(path, statSync(path).size - 1);
  const second = openJournal(folder);
  second.journal.add(message(4));
  expect(openJournal(folder).ids).toEqual([1, 2, 4]);
});

test('the journal stays small while messages come and go', () => {
  const folder = temporaryFolder();
  const spool = openSpool(folder, 4 * 1024);
  for (let ts = 0; ts < 600; ts++) {
    addStatus(spool, ts);
    spool.forget([...spool.waiting()].slice(0, -5).map(({ id }) => id));
  }
  expect(sizeOf(folder)).toBeLessThan(12 * 1024);
  expect(timesIn(openSpool(folder, 4 * 1024))).toEqual([595, 596, 597, 598, 599]);
});

test('one message that waits for ever does not keep all later ones on the disk', () => {
  const folder = temporaryFolder();
  const spool = openSpool(folder, 4 * 1024);
  addStatus(spool, 1);
  const [oldest] = [...spool.waiting()];
  for (let ts = 2; ts < 600; ts++) {
    addStatus(spool, ts);
    spool.forget([...spool.waiting()].slice(1).map(({ id }) => id));
  }
  expect(sizeOf(folder)).toBeLessThan(12 * 1024);
  expect([...openSpool(folder, 4 * 1024).waiting()]).toEqual([oldest!]);
});

test('a disk that refuses is told once, and what it refused is written when it takes it again', () => {
  const folder = temporaryFolder();
  const events: string[] = [];
  const log: Log = { info: (event) => events.push(event), warn: (event) => events.push(event) };
  const blocked = join(folder, 'spool');
  const { journal } = openJournal(blocked, BYTES_MAX, log);
  // Not a folder any more: creating a segment in it fails as on a disk that is gone.
  rmdirSync(blocked);
  appendFileSync(blocked, '');
  journal.add(message(1));
  journal.add(message(2));
  journal.forget([1]);
  expect(events).toEqual(['spool kept in memory only']);
  unlinkSync(blocked);
  mkdirSync(blocked);
  journal.add(message(3));
  expect(events).toEqual(['spool kept in memory only', 'spool on disk again']);
  expect(openJournal(blocked).ids).toEqual([2, 3]);
});

describe('kill -9', () => {
  const writer = join(import.meta.dir, '../../test/spool-writer.ts');

  async function killWhileWriting(
    folder: string,
    seed: number,
  ): Promise<{ added: Set<number>; forgotten: Set<number> }> {
    const child = Bun.spawn([process.execPath, writer, folder, String(seed)], { stdout: 'pipe' });
    const added = new Set<number>();
    const forgotten = new Set<number>();
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      text += decoder.decode(chunk, { stream: true });
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        const [sign, ...ids] = line.split(' ');
        for (const id of ids) (sign === '+' ? added : forgotten).add(Number(id));
      }
      // A different moment for each seed.
      if (added.size > 10 + seed * 31) child.kill('SIGKILL');
    }
    await child.exited;
    return { added, forgotten };
  }

  test('loses no durable message and repeats no id, over and over on the same folder', async () => {
    const folder = join(temporaryFolder(), 'spool');
    const added = new Set<number>();
    const forgotten = new Set<number>();
    for (let seed = 1; seed <= 4; seed++) {
      const round = await killWhileWriting(folder, seed);
      for (const id of round.added) {
        expect(added.has(id)).toBe(false);
        added.add(id);
      }
      for (const id of round.forgotten) forgotten.add(id);
      const ids = new Set(openJournal(join(folder)).ids);
      const lost = [...added].filter((id) => !forgotten.has(id) && !ids.has(id));
      expect(lost).toEqual([]);
    }
  }, 30_000);
});

/** A small disk needs a mount namespace of one's own, which not every machine permits. */
const canMount = Bun.spawnSync(['unshare', '-Urm', 'true']).exitCode === 0;

test.skipIf(!canMount)('a disk that is full keeps whole messages only, and gets the others when there is room', () => {
  const disk = temporaryFolder();
  const script = join(import.meta.dir, '../../test/full-disk.ts');
  const mount = `mount -t tmpfs -o size=128k tmpfs "$1" && exec "$2" "$3" "$1"`;
  const { stdout, stderr } = Bun.spawnSync([
    'unshare',
    '-Urm',
    'sh',
    '-c',
    mount,
    'sh',
    disk,
    process.execPath,
    script,
  ]);
  expect(stderr.toString()).toBe('');
  const { events, added, whileFull, isWhole } = JSON.parse(stdout.toString()) as { [key: string]: unknown };
  expect(events).toEqual(['spool kept in memory only', 'spool on disk again']);
  expect(added).toBe(66);
  expect(whileFull).toBeGreaterThanOrEqual(5);
  expect(whileFull).toBeLessThan(65);
  expect(isWhole).toBe(true);
});
