import { afterAll, expect, test } from 'bun:test';
import { updateLog } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { fileUpdateLog, memoryUpdateLog } from './update-log.ts';

afterAll(removeTemporaryFolders);

test('what a clock tells in parts of milliseconds goes through the protocol', () => {
  for (const log of [fileUpdateLog(temporaryFolder(), () => 1_000.25), memoryUpdateLog(() => 1_000.25)]) {
    log.add('error', 'no space left on device');
    const frame = updateLog.frame({ id: 1 }, { deployment: 'd1', attempt: 1, lines: log.lines() });
    expect(updateLog.read(frame).body.lines).toEqual([
      { atMs: 1_000, level: 'error', message: 'no space left on device' },
    ]);
  }
});
