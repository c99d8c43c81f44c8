import { expect, test } from 'bun:test';
import { consoleOf } from './console.ts';
import { figuresOf, usualOf } from './figures.ts';
import { createHouses } from './house.ts';
import type { ProblemKind } from './problems.ts';

const house = createHouses(7, 1)[0]!;

function open(problem: ProblemKind) {
  let left: ProblemKind | undefined = problem;
  let printed = '';
  let hasEnded = false;
  const decoder = new TextDecoder();
  const current = () => (left ? { kind: left, startMs: 0, endMs: 1000, peakPercent: 95 } : undefined);
  const pty = consoleOf({
    house,
    figures: () => figuresOf(house, usualOf(7, house), current(), 999, Date.UTC(2026, 10, 22)),
    mend: (kind) => {
      const isRight = left === kind;
      if (isRight) left = undefined;
      return isRight;
    },
  })({
    program: '',
    folder: '/',
    environment: {},
    columns: 80,
    rows: 24,
    output: (bytes) => void (printed += decoder.decode(bytes, { stream: true })),
    ended: () => void (hasEnded = true),
  });
  return {
    type: (words: string) => pty.write(new TextEncoder().encode(words)),
    printed: () => printed,
    hasEnded: () => hasEnded,
    isMended: () => left === undefined,
  };
}

test('what an alert suggests shows the problem and mends it', () => {
  const disk = open('disk-filling');
  disk.type('df -h\r');
  expect(disk.printed()).toContain('95%');
  disk.type('journalctl --vacuum-size=50M\r');
  expect(disk.isMended()).toBe(true);
  const service = open('service-failed');
  service.type('systemctl --failed\r');
  expect(service.printed()).toContain('heat-pump-bridge');
  service.type('systemctl restart heat-pump-bridge\r');
  expect(service.isMended()).toBe(true);
  const memory = open('memory-leak');
  memory.type('ps aux --sort=-rss | head\r');
  expect(memory.printed()).toContain('meter-reader');
  memory.type('kill 713\r');
  expect(memory.isMended()).toBe(true);
});

test('a line can be mended before it is sent, and thrown away', () => {
  const shell = open('disk-filling');
  shell.type('dff\x7f\r');
  expect(shell.printed()).toContain('Filesystem');
  shell.type('journalctl --vacuum-size=1M\x03\r');
  expect(shell.isMended()).toBe(false);
});

test('no program of this machine is known, and keys it does not know do nothing', () => {
  const shell = open('disk-filling');
  shell.type('\x1b[A\x1bOPcat /etc/passwd\r');
  expect(shell.printed()).toContain('sh: cat: not found');
  expect(shell.printed()).not.toContain('root:');
  shell.type('constructor\r');
  expect(shell.printed()).toContain('sh: constructor: not found');
});

test('exit ends it', () => {
  const shell = open('disk-filling');
  shell.type('exit\r');
  expect(shell.hasEnded()).toBe(true);
});
