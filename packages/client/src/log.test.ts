import { expect, test } from 'bun:test';
import { createLog, type LogFormat } from './log.ts';

function linesOf(format: LogFormat, write: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  write(createLog(format, (line) => lines.push(line)));
  return lines;
}

test('an event is one line whatever a field holds', () => {
  const [line] = linesOf('text', (log) => log.warn('refused', { reason: 'a\nlevel=info b', code: 7 }));
  expect(line).toMatch(/^\S+Z warn refused reason="a\\nlevel=info b" code=7$/);
});

test('as JSON the same event is one object', () => {
  const [line] = linesOf('json', (log) => log.info('connected', { epoch: 3 }));
  expect(JSON.parse(line!)).toMatchObject({ level: 'info', event: 'connected', epoch: 3 });
});
