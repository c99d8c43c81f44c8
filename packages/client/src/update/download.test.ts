import { afterEach, beforeEach, expect, test } from 'bun:test';
import { createHash, randomBytes } from 'node:crypto';
import type { UpdateOffer } from '@lovely/protocol';
import { ArtifactServer } from '../../test/update/artifact-server.ts';
import { systemClock, type Clock } from '../clock.ts';
import { bunDownload } from '../http/bun.ts';
import { DOWNLOAD_PART_BYTES } from '../limits.ts';
import { ArtifactDownload } from './download.ts';

let server: ArtifactServer;
beforeEach(async () => {
  server = await ArtifactServer.start();
});
afterEach(() => server.stop());

/** Time that goes by as soon as it is waited for, except where a test says otherwise. */
class FastClock implements Clock {
  waitedMs = 0;

  nowMs(): number {
    return this.monotonicMs();
  }

  monotonicMs(): number {
    return this.waitedMs;
  }

  after(delayMs: number, task: () => void): () => void {
    // What watches over a silence must not make it pass.
    if (delayMs >= 60_000) return systemClock.after(delayMs, task);
    let isCancelled = false;
    queueMicrotask(() => {
      if (isCancelled) return;
      this.waitedMs += delayMs;
      task();
    });
    return () => void (isCancelled = true);
  }
}

const notes: string[] = [];
function downloadOf(
  artifact: UpdateOffer['artifact'],
  more: Partial<UpdateOffer> = {},
  clock: Clock = new FastClock(),
) {
  notes.length = 0;
  return new ArtifactDownload({
    download: bunDownload({ authorities: undefined, proxy: undefined }),
    server: server.url,
    offer: () => ({ deployment: 'd', attempt: 1, artifact, ...more }),
    clock,
    random: () => 0.5,
    signal: new AbortController().signal,
    alive: () => undefined,
    note: (message) => void notes.push(message),
  });
}

async function read(download: ArtifactDownload): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of download) hash.update(chunk);
  download.check();
  return hash.digest('hex');
}

async function refusal(download: ArtifactDownload): Promise<Error> {
  try {
    await read(download);
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was refused');
}

test('an artifact comes in parts, each no larger than may be buffered', async () => {
  const artifact = server.serve('/a', 'a', randomBytes(DOWNLOAD_PART_BYTES + 1000));
  expect(await read(downloadOf(artifact))).toBe(artifact.sha256);
  expect(server.ranges).toEqual([
    `bytes=0-${DOWNLOAD_PART_BYTES - 1}`,
    `bytes=${DOWNLOAD_PART_BYTES}-${DOWNLOAD_PART_BYTES + 999}`,
  ]);
});

test('a connection that is cut again and again only makes it slower', async () => {
  const artifact = server.serve('/a', 'a', randomBytes(100_000));
  server.cutAfterBytes = 9_000;
  expect(await read(downloadOf(artifact))).toBe(artifact.sha256);
  expect(server.ranges.length).toBeGreaterThanOrEqual(11);
  expect(notes[0]).toContain('the download stopped after 9000 bytes');
});

test('a server that knows no parts sends what is known again, and it is passed over', async () => {
  const artifact = server.serve('/a', 'a', randomBytes(50_000));
  server.interfere = (count) => {
    server.knowsRanges = count === 1;
    server.cutAfterBytes = count === 1 ? 20_000 : Infinity;
    return undefined;
  };
  expect(await read(downloadOf(artifact))).toBe(artifact.sha256);
});

test('refusals end it after some time, and troubles of the server only after a long one', async () => {
  const artifact = server.serve('/a', 'a', randomBytes(10_000));
  for (const [status, patienceMs] of [
    [403, 15 * 60_000],
    [502, 3 * 3600_000],
  ] as const) {
    server.interfere = () => ({ status });
    const clock = new FastClock();
    expect(await refusal(downloadOf(artifact, {}, clock))).toMatchObject({ code: 'download-failed' });
    expect(clock.waitedMs).toBeGreaterThan(patienceMs);
  }
});

test('a redirect leads nowhere', async () => {
  const artifact = server.serve('/a', 'a', randomBytes(10_000));
  server.interfere = () => ({ status: 302, location: '/b' });
  server.serve('/b', 'a', randomBytes(10_000));
  expect((await refusal(downloadOf(artifact))).message).toContain('302');
});

for (const path of [
  'https://elsewhere.example/a',
  '//elsewhere.example/a',
  '/\\elsewhere.example/a',
  'a',
  'file:///etc/passwd',
])
  test(`a path that leads elsewhere is refused: ${path}`, () => {
    const artifact = server.serve('/a', 'a', randomBytes(10));
    expect(() => downloadOf({ ...artifact, path })).toThrow('another place');
  });

test('other content than what was offered is refused: by its size, its checksum, or when it changes on the way', async () => {
  const bytes = randomBytes(100_000);
  const artifact = server.serve('/a', 'a', bytes);
  expect(await refusal(downloadOf({ ...artifact, bytes: 99_000 }))).toMatchObject({ code: 'bad-artifact' });
  expect(await refusal(downloadOf({ ...artifact, sha256: '0'.repeat(64) }))).toMatchObject({
    code: 'bad-checksum',
  });
  server.cutAfterBytes = 50_000;
  server.interfere = (count) => {
    if (count > 3) server.serve('/a', 'a', randomBytes(100_000));
    return undefined;
  };
  expect((await refusal(downloadOf(artifact))).message).toContain('changed');
});

test('it comes no faster than it may', async () => {
  const clock = new FastClock();
  const artifact = server.serve('/a', 'a', randomBytes(200_000));
  expect(await read(downloadOf(artifact, { bytesPerSecond: 20_000 }, clock))).toBe(artifact.sha256);
  expect(clock.waitedMs).toBeGreaterThan(8_000);
  expect(clock.waitedMs).toBeLessThan(20_000);
});
