import { afterEach, beforeEach, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import {
  BODY_BYTES_MAX_DOWN,
  frame as makeFrame,
  PROTO,
  shellInput,
  shellNew,
  shellOutput,
  shellPing,
  shellPong,
  shellResize,
  shellStarted,
  shellStop,
  shellStopped,
  type Frame,
} from '@lovely/protocol';
import { ManualClock } from '../../test/manual-clock.ts';
import { outputOf, type } from '../../test/terminal.ts';
import { until } from '../../test/until.ts';
import { systemClock, type Clock } from '../clock.ts';
import type { Link } from '../connection.ts';
import { silentLog } from '../log.ts';
import { openBunPty } from '../pty/bun.ts';
import { Shells } from './shell.ts';

let frames: Frame[];
let link: Link & { isFull: boolean };
let shells: Shells;

function createShells(clock: Clock = systemClock): Shells {
  return new Shells({
    openPty: openBunPty,
    program: '/bin/sh',
    folder: '/',
    environment: { PATH: '/usr/bin:/bin', TERM: 'xterm-256color', LANG: 'C.UTF-8', PS1: '% ' },
    sessionsMax: 3,
    sessionsPerUserMax: 2,
    clock,
    log: silentLog,
  });
}

beforeEach(() => {
  frames = [];
  link = { send: (frame) => void frames.push(frame), sendEncoded: () => undefined, isFull: false };
  shells = createShells();
});

afterEach(() => shells.close());

const send = (frame: Frame): void => shells.handle(frame, link);
const open = (sid: string, userId = 'u1'): void =>
  send(shellNew.frame({ terminal_width: 100, terminal_height: 30, user_id: userId }, undefined, sid));
const input = (sid: string, text: string): void => send(shellInput.frame({}, new TextEncoder().encode(text), sid));
const shows = (sid: string, line: string, expected: RegExp): Promise<void> => type(send, frames, sid, line, expected);

/** Answers of a type as `status text`. */
function answers(message: { is(frame: Frame): boolean }, sid: string): string[] {
  return frames
    .filter((frame) => message.is(frame) && frame.sid === sid)
    .map(({ props, body }) => `${Number(props.status)} ${Buffer.from(body).toString()}`);
}

test('a shell starts with the size it was given and runs commands', async () => {
  open('s1');
  expect(answers(shellStarted, 's1')).toEqual(['1 Shell started']);
  await shows('s1', 'stty size; echo $((6*7)) $TERM\r', /30 100\r\n42 xterm-256color/);
});

test('a resize reaches the program', async () => {
  open('s1');
  send(shellResize.frame({ terminal_width: 41, terminal_height: 17 }, undefined, 's1'));
  await shows('s1', 'stty size\r', /17 41\r\n/);
});

test('Unicode and Ctrl-C go through as bytes', async () => {
  open('s1');
  await shows('s1', "printf '%s\\n' 'Grüße 😀' | od -An -tx1 | tr -d ' \\n'; echo\r", /4772c3bcc39f6520f09f98800a/);
  await shows('s1', 'sleep 100; echo not-$((1+1))\r', /sleep 100/);
  await shows('s1', '\x03', /\^C/);
  await shows('s1', 'echo after-$((1+1))\r', /after-2/);
  expect(outputOf(frames, 's1')).not.toContain('not-2');
});

test('a large output arrives whole, in bodies no larger than Mender allows', async () => {
  open('s1');
  await shows('s1', 'seq 1 50000; echo the-$((1+1))-end\r', /the-2-end/);
  const output = outputOf(frames, 's1');
  expect(output).toContain(Array.from({ length: 50_000 }, (_, index) => `${index + 1}\r\n`).join(''));
  expect(Math.max(...frames.map(({ body }) => body.length))).toBeLessThanOrEqual(BODY_BYTES_MAX_DOWN);
});

test('a shell that ends by itself says so, and a later stop is answered kindly', async () => {
  open('s1');
  input('s1', 'echo last-$((1+1)) words; exit\r');
  await until(() => answers(shellStopped, 's1').length === 1);
  expect(outputOf(frames, 's1')).toContain('last-2 words');
  expect(answers(shellStopped, 's1')).toEqual(['2 read /dev/ptmx: input/output error']);
  send(shellStop.frame({ user_id: 'u1' }, undefined, 's1'));
  expect(answers(shellStopped, 's1')[1]).toBe('1 ');
});

test('a shell that leaves a program behind still ends', async () => {
  open('s1');
  await shows('s1', "(trap '' HUP; sleep 3) & exit\r", /sleep 3/);
  await until(() => answers(shellStopped, 's1').length === 1);
});

test('stop ends the shell and the program in its foreground', async () => {
  open('s1');
  await shows('s1', 'sh -c \'echo "pid=$$;"; exec sleep 1000\'\r', /pid=\d+;/);
  const pid = /pid=(\d+);/.exec(outputOf(frames, 's1'))![1];
  send(shellStop.frame({}, undefined, 's1'));
  expect(answers(shellStopped, 's1')).toEqual(['1 ']);
  await until(() => !existsSync(`/proc/${pid}`));
  input('s1', 'x');
  expect(answers(shellOutput, 's1').at(-1)).toBe('2 session not found');
});

test("stop without a sid ends all of one person's shells and nobody else's", async () => {
  open('a', 'u1');
  open('b', 'u1');
  open('c', 'u2');
  send(shellStop.frame({ user_id: 'u1' }, undefined));
  expect(answers(shellStopped, '')).toEqual(['1 ']);
  input('a', 'x');
  input('b', 'x');
  expect([...answers(shellOutput, 'a'), ...answers(shellOutput, 'b')]).toEqual([
    '2 session not found',
    '2 session not found',
  ]);
  await shows('c', 'echo still-$((1+1))\r', /still-2/);
});

test('limits are told in the words of mender-connect', () => {
  open('s1', 'u1');
  open('s1', 'u1');
  expect(answers(shellStarted, 's1')[1]).toBe('2 failed to start shell: shell is already running');
  open('s2', 'u1');
  open('s3', 'u1');
  expect(answers(shellStarted, 's3')).toEqual(['2 user has too many open sessions']);
  open('s4', 'u2');
  open('s5', 'u3');
  expect(answers(shellStarted, 's5')).toEqual(['2 too many shells spawned']);
});

test('what it does not know is answered as by mender-connect', () => {
  send(makeFrame(PROTO.shell, 'zzz', { sid: 's1' }));
  send(makeFrame(PROTO.shell, 'constructor', { sid: 's1' }));
  send(shellStop.frame({}, undefined, 'gone'));
  expect(answers({ is: () => true }, 's1')).toEqual([
    '2 unknown message protocol and type: 1/zzz',
    '2 unknown message protocol and type: 1/constructor',
  ]);
  expect(answers(shellStopped, 'gone')).toEqual(['2 routeMessage: StopShellMessage: session not found for id gone']);
});

test('a program that is not there is an answer and no shell', () => {
  shells = new Shells({
    openPty: openBunPty,
    program: '/nonexistent/shell',
    folder: '/',
    environment: {},
    sessionsMax: 1,
    sessionsPerUserMax: 1,
    clock: systemClock,
    log: silentLog,
  });
  open('s1');
  expect(answers(shellStarted, 's1')[0]).toStartWith('2 failed to start shell: ');
});

test('a slow link holds the program back instead of filling the memory', async () => {
  open('s1');
  await shows('s1', 'echo ready-$((1+1))\r', /ready-2/);
  link.isFull = true;
  input('s1', 'yes | head -c 30000000 | cksum; yes 0123456789 | head -c 3000000; echo the-$((1+1))-end\r');
  const rssBefore = process.memoryUsage.rss();
  await Bun.sleep(300);
  expect(answers(shellStopped, 's1')).toEqual([]);
  expect(process.memoryUsage.rss() - rssBefore).toBeLessThan(64e6);
  link.isFull = false;
  await until(() => outputOf(frames, 's1').includes('the-2-end'));
  expect(outputOf(frames, 's1').match(/0123456789\r\n/g)!.length).toBe(Math.floor(3000000 / 11));
});

test('a person who gives no sign of life loses the shell, one who does keeps it', () => {
  const clock = new ManualClock();
  shells = createShells(clock);
  open('quiet');
  open('alive');
  clock.advance(60_000);
  expect(frames.filter((frame) => shellPing.is(frame)).map(({ sid, props }) => [sid, props.timeout])).toEqual([
    ['quiet', 65],
    ['alive', 65],
  ]);
  send(shellPong.frame({}, undefined, 'alive'));
  clock.advance(65_000);
  expect(answers(shellStopped, 'quiet')).toEqual(['2 nobody answers']);
  expect(answers(shellStopped, 'alive')).toEqual([]);
});

test('all shells end with the connection', async () => {
  open('s1');
  await shows('s1', 'echo "pid=$$;"\r', /pid=\d+;/);
  const pid = /pid=(\d+);/.exec(outputOf(frames, 's1'))![1];
  shells.disconnected();
  await until(() => !existsSync(`/proc/${pid}`));
});
