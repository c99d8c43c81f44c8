import { expect, test } from 'bun:test';
import { COMMAND_OUTPUT_BYTES_MAX, commandOutput } from '@lovely/protocol';
import type { Link } from '../connection.ts';
import { systemClock } from '../clock.ts';
import { RunOutput } from './run-output.ts';

test('what is over the limit is cut off with one notice, however it is split', () => {
  const limit = COMMAND_OUTPUT_BYTES_MAX;
  for (const pieces of [[limit - 20, 10, 5000], [limit], [limit - 36, 1, 1, 1], [limit * 2, 1], [limit - 36]]) {
    let sent = '';
    const send: Link['send'] = (frame) => void (sent += new TextDecoder().decode(commandOutput.read(frame).body));
    const output = new RunOutput('run', systemClock, { send, sendEncoded: () => {}, isFull: false });
    for (const length of pieces) output.add('out', new Uint8Array(length).fill(120));
    const { outputBytes } = output.end();
    const printed = pieces.reduce((sum, length) => sum + length, 0);
    expect([pieces, outputBytes]).toEqual([pieces, Math.max(printed, sent.length)]);
    expect(sent.length).toBeLessThanOrEqual(limit);
    expect(sent.match(/there is more/g)?.length ?? 0).toBe(printed > limit - 36 ? 1 : 0);
  }
});
