/** What a gateway carries out, and what it refuses: real keys and real processes, and a server that means harm. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  COMMAND_EXPIRY_MS_MAX,
  COMMAND_OUTPUT_BYTES_MAX,
  commandBytes,
  commandCancel,
  commandContent,
  commandDone,
  commandKeyBytes,
  commandKeys,
  commandOutput,
  commandRun,
  encodeFrame,
  type CommandDone,
  type CommandKey,
  type CommandRun,
  type Frame,
} from '@lovely/protocol';
import { until } from '../../test/until.ts';
import { systemClock } from '../clock.ts';
import type { Link } from '../connection.ts';
import { silentLog } from '../log.ts';
import type { SpooledMessage } from '../spool/journal.ts';
import { ACTION_KINDS, type ActionKind } from './action-kinds.ts';
import { Commands } from './commands.ts';
import { createExecutor } from './executor.ts';
import { fileRunJournal } from './run-journal.ts';
import { fileKeyStore, TrustedKeys } from './trusted-keys.ts';

const DEVICE = '5e51fbb1-d809-42a4-8b1e-a25699843002';

let folder: string;
let frames: Frame[];
let spool: SpooledMessage[];
let nowMs: number;
let commands: Commands;
let first: Signer;
const link: Link = { send: (frame) => void frames.push(frame), sendEncoded: () => undefined, isFull: false };

interface Signer {
  readonly key: CommandKey;
  readonly privateKey: KeyObject;
}

function signer(id: string, by?: Signer): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  const x = createPublicKey(privateKey).export({ format: 'jwk' }).x!;
  const publicKey = Uint8Array.from(Buffer.from(x, 'base64url'));
  const vouch = by && sign(null, commandKeyBytes({ id, publicKey }), by.privateKey);
  return {
    key: { id, publicKey, isRetired: false, ...(by && vouch ? { vouchedBy: by.key.id, vouch } : {}) },
    privateKey,
  };
}

function signed(run: Partial<CommandRun> = {}, by: Signer = first): CommandRun {
  const command = {
    id: crypto.randomUUID(),
    device: DEVICE,
    name: 'say',
    parameters: {},
    timeoutMs: 20_000,
    expiresMs: nowMs + 60_000,
    ...run,
  };
  return { ...command, keyId: by.key.id, signature: sign(null, commandBytes(command), by.privateKey) };
}

/** A script, whose content is sent before. */
function scripted(content: string, run: Partial<CommandRun> = {}): CommandRun {
  const bytes = new TextEncoder().encode(content);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  for (let offset = 0; offset < bytes.length; offset += 4096)
    hear(commandContent.frame({ sha256, offset, bytes: bytes.length }, bytes.subarray(offset, offset + 4096)));
  return signed({ script: { interpreter: 'sh', sha256, bytes: bytes.length }, ...run });
}

function start(allowed: readonly ActionKind[] = ACTION_KINDS): Commands {
  return new Commands({
    deviceId: () => DEVICE,
    keys: new TrustedKeys(fileKeyStore(join(folder, 'keys.json')), silentLog),
    journal: fileRunJournal(join(folder, 'runs.json')),
    prepare: createExecutor({
      allowed: new Set(allowed),
      commandDir: folder,
      scratchDir: join(folder, 'scripts'),
      environment: { PATH: '/usr/bin:/bin' },
      runOnSensor: ({ sensor, name }, output) => {
        output(new TextEncoder().encode(`${sensor} ${name}`));
        return Promise.resolve({ kind: 'done', exit: 0, message: 'switched' });
      },
    }),
    submit(make) {
      const frame = make(spool.length);
      spool.push({ id: spool.length, proto: frame.proto, bytes: encodeFrame(frame) });
      frames.push(frame);
    },
    waiting: () => spool,
    nowMs: () => nowMs,
    clock: systemClock,
    log: silentLog,
  });
}

const hear = (frame: Frame): void => commands.handle(frame, link);
const ends = (): CommandDone[] =>
  frames.filter((frame) => commandDone.is(frame)).map((frame) => commandDone.read(frame).body);
const endOf = async (run: CommandRun): Promise<CommandDone> => {
  await until(() => ends().some((end) => end.run === run.id));
  return ends().find((end) => end.run === run.id)!;
};
async function runs(run: CommandRun): Promise<CommandDone> {
  hear(commandRun.frame({}, run));
  return await endOf(run);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lovely-commands-'));
  frames = [];
  spool = [];
  nowMs = Date.now();
  first = signer('first');
  commands = start();
  hear(commandKeys.frame({}, [first.key]));
});
afterEach(() => {
  commands.close();
  rmSync(folder, { recursive: true, force: true });
});

test('a script runs with its parameters, and tells what it prints and how it ends', async () => {
  const end = await runs(scripted('echo "$PARAMETER_FREE_MB"; echo oh >&2; exit 3', { parameters: { freeMb: 12 } }));
  expect(end).toMatchObject({ outcome: 'exited', exit: 3, outputBytes: 6, tailOffset: 0 });
  expect(new TextDecoder().decode(end.tail)).toBe('12\noh\n');
});

test('a large script in parts and a large output are whole up to the limit, with a notice', async () => {
  const end = await runs(scripted(`# ${'x'.repeat(20_000)}\nhead -c 200000 /dev/zero | tr '\\0' y`));
  const output = frames.filter((frame) => commandOutput.is(frame)).map((frame) => commandOutput.read(frame));
  expect(output.reduce((sum, { body }) => sum + body.length, 0)).toBe(COMMAND_OUTPUT_BYTES_MAX);
  expect([end.exit, end.outputBytes]).toEqual([0, 200_000]);
  expect(new TextDecoder().decode(end.tail)).toEndWith('[there is more, which is left out]\n');
});

describe('a command is refused', () => {
  const changed = (of: Partial<CommandRun>): CommandRun => ({ ...signed(), ...of });
  test.each<[string, () => CommandRun, string]>([
    ['by a key that nobody vouches for', () => signed({}, signer('stranger')), 'unknown-key'],
    ['by a stranger’s key under a trusted name', () => ({ ...signed({}, signer('first')) }), 'bad-signature'],
    ['with another name', () => changed({ name: 'reboot' }), 'bad-signature'],
    ['with other parameters', () => changed({ parameters: { path: '/' } }), 'bad-signature'],
    ['with another time', () => changed({ expiresMs: nowMs + 70_000 }), 'bad-signature'],
    ['under another id', () => changed({ id: 'again' }), 'bad-signature'],
    ['for another sensor', () => changed({ sensor: 'oven-1' }), 'bad-signature'],
    ['for another gateway', () => signed({ device: crypto.randomUUID() }), 'other-device'],
    ['when it came too late', () => signed({ expiresMs: nowMs - 1 }), 'expired'],
    ['when it is valid for too long', () => signed({ expiresMs: nowMs + COMMAND_EXPIRY_MS_MAX + 1 }), 'expired'],
    [
      'without the content of its script',
      () => signed({ script: { interpreter: 'sh', sha256: '0'.repeat(64), bytes: 3 } }),
      'bad-content',
    ],
    ['that nobody knows', () => signed({ name: 'format-disk' }), 'unknown-command'],
    ['that is a path', () => signed({ name: '../say' }), 'unknown-command'],
    ['that is of every object', () => signed({ name: 'constructor' }), 'unknown-command'],
    [
      'with a service that is an option',
      () => signed({ name: 'restart-service', parameters: { service: '--all' } }),
      'bad-parameter',
    ],
    [
      'with a path that is not safe',
      () => signed({ name: 'remove-old-files', parameters: { path: '/etc', days: 1 } }),
      'bad-parameter',
    ],
    [
      'with a way out of a safe path',
      () => signed({ name: 'remove-old-files', parameters: { path: '/tmp/../etc', days: 1 } }),
      'bad-parameter',
    ],
  ])('%s', async (_, make, refusal) => {
    const end = await runs(make());
    expect(end).toMatchObject({ outcome: 'refused', refusal });
    expect(end.reason.length).toBeGreaterThan(5);
  });
});

test('a run is carried out once, however often it is sent, also after the client was killed', async () => {
  const counter = join(folder, 'counter');
  const run = scripted(`echo once >> ${counter}`);
  await runs(run);
  hear(commandRun.frame({}, run));
  spool = [];
  commands = start();
  hear(commandRun.frame({}, run));
  await until(() => ends().length === 2);
  expect(readFileSync(counter, 'utf8')).toBe('once\n');
});

test('a run that the client did not survive is told as interrupted, and what it started is ended', async () => {
  const pidFile = join(folder, 'pid');
  const run = scripted(`echo $$ > ${pidFile}; exec sleep 600`);
  hear(commandRun.frame({}, run));
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '');
  const pid = readFileSync(pidFile, 'utf8').trim();
  commands = start();
  expect(await endOf(run)).toMatchObject({ outcome: 'interrupted' });
  await until(() => !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
});

test('a run is called off, and two never run at once', async () => {
  const run = scripted('sleep 600');
  hear(commandRun.frame({}, run));
  expect(await runs(scripted('echo two'))).toMatchObject({ outcome: 'refused', refusal: 'busy' });
  hear(commandCancel.frame({}, { run: run.id }));
  expect(await endOf(run)).toMatchObject({ outcome: 'cancelled' });
});

test('a run that was called off before it came is not carried out', async () => {
  const run = scripted('echo never');
  hear(commandCancel.frame({}, { run: run.id }));
  expect(await endOf(run)).toMatchObject({ outcome: 'cancelled' });
  expect(await runs(run)).toMatchObject({ outcome: 'cancelled', outputBytes: 0 });
  expect(await runs(scripted('echo ever'))).toMatchObject({ outcome: 'exited' });
});

test('a new key counts when one that is trusted vouches for it, over any number of steps, and for nobody else', async () => {
  const second = signer('second', first);
  const third = signer('third', second);
  const usurper = signer('usurper', signer('nobody'));
  hear(commandKeys.frame({}, [usurper.key]));
  expect(await runs(signed({}, usurper))).toMatchObject({ refusal: 'unknown-key' });
  hear(commandKeys.frame({}, [{ ...first.key, isRetired: true }, second.key, third.key, usurper.key]));
  const touch = { name: 'format-disk' };
  expect(await runs(signed(touch, third))).toMatchObject({ refusal: 'unknown-command' });
  expect(await runs(signed(touch, first))).toMatchObject({ refusal: 'unknown-key' });
  expect(await runs(signed(touch, usurper))).toMatchObject({ refusal: 'unknown-key' });
  commands = start();
  hear(commandKeys.frame({}, [signer('third').key]));
  expect(await runs(signed(touch, third))).toMatchObject({ refusal: 'unknown-command' });
});

test('a key that was told as retired neither signs nor vouches again, whoever has it', async () => {
  const second = signer('second', first);
  hear(commandKeys.frame({}, [{ ...first.key, isRetired: true }, second.key]));
  const usurper = signer('usurper', first);
  hear(commandKeys.frame({}, [first.key, usurper.key]));
  const touch = { name: 'format-disk' };
  for (const by of [first, usurper]) expect(await runs(signed(touch, by))).toMatchObject({ refusal: 'unknown-key' });
  expect(await runs(signed(touch, second))).toMatchObject({ refusal: 'unknown-command' });
});

test('the owner decides what may run', async () => {
  writeFileSync(join(folder, 'say'), '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
  const own = signed({ parameters: { b: 2, a: 'x y; rm -rf /' } });
  expect(new TextDecoder().decode((await runs(own)).tail)).toBe('--a=x y; rm -rf / --b=2\n');
  writeFileSync(join(folder, 'anyones'), '#!/bin/sh\n');
  expect(await runs(signed({ name: 'anyones' }))).toMatchObject({ refusal: 'unknown-command' });
  commands = start(['commands']);
  expect(await runs(scripted('true'))).toMatchObject({ refusal: 'not-allowed' });
  expect(await runs(signed({ name: 'reboot' }))).toMatchObject({ refusal: 'not-allowed' });
  expect(await runs(signed({ sensor: 'oven-1' }))).toMatchObject({ refusal: 'not-allowed' });
  commands = start(['sensors']);
  expect(await runs(signed({ sensor: 'oven-1', name: 'switch-off' }))).toMatchObject({
    outcome: 'exited',
    exit: 0,
    reason: 'switched',
  });
  expect(await runs(signed())).toMatchObject({ refusal: 'not-allowed' });
});

test('old files are removed, and nothing else', async () => {
  // Only there may anything be removed.
  const path = mkdtempSync('/tmp/lovely-commands-');
  const old = join(path, 'old');
  writeFileSync(old, '');
  utimesSync(old, new Date(0), new Date(0));
  writeFileSync(join(path, 'new'), '');
  expect(await runs(signed({ name: 'remove-old-files', parameters: { path, days: '7' } }))).toMatchObject({ exit: 0 });
  expect([existsSync(old), existsSync(join(path, 'new'))]).toEqual([false, true]);
  rmSync(path, { recursive: true });
});
