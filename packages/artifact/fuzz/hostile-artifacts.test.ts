/**
 * Artifacts of ours and of Debian's mender-artifact, spoilt in their bytes and in their members; `judge` says what must hold.
 * LOVELY_FUZZ_SEED plays a run again (a failure names the seed of its case), LOVELY_FUZZ_FACTOR makes it longer.
 */
import { describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireTool, testWith } from '../../../tests/tools.ts';
import { COMPRESSIONS, signManifest, writeArtifact } from '../src/mod.ts';
import { newArtifact, newFile } from '../src/test-artifact.ts';
import { judge, meaningsOf } from './judge.ts';
import { mutate } from './mutate.ts';
import { randomOf } from './random.ts';

const firstSeed = Number(process.env.LOVELY_FUZZ_SEED ?? 20_261_123);
const cases = 300 * Number(process.env.LOVELY_FUZZ_FACTOR ?? 1);

async function ofOurs(): Promise<Buffer[]> {
  const { privateKey } = generateKeyPairSync('ed25519');
  const artifacts = COMPRESSIONS.map((compression) =>
    newArtifact({
      compression,
      name: `of ${compression}`,
      files: [newFile('app.bin', Buffer.alloc(3000, 7)), newFile('empty', Buffer.alloc(0))],
      ...(compression === 'gzip' ? { sign: (manifest: Uint8Array) => signManifest(manifest, privateKey) } : {}),
    }),
  );
  return await Promise.all(artifacts.map(async (it) => Buffer.concat(await Array.fromAsync(writeArtifact(it)))));
}

async function ofMender(): Promise<Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lovely-hostile-'));
  const [payload, made] = [join(folder, 'payload'), join(folder, 'made')];
  await writeFile(payload, Buffer.alloc(2000, 'words '));
  const artifacts: Buffer[] = [];
  for (const compression of ['none', 'gzip', 'lzma']) {
    const args = ['write', 'module-image', '-T', 'deb', '-n', compression, '-t', 'gateway', '-f', payload, '-o', made];
    const tool = [requireTool('mender-artifact'), ...args, '--compression', compression];
    const { exitCode, stderr } = Bun.spawnSync(tool, { stderr: 'pipe' });
    if (exitCode !== 0) throw new Error(stderr.toString());
    artifacts.push(await readFile(made));
  }
  await rm(folder, { recursive: true });
  return artifacts;
}

/** @param taken is given what was read in spite of all */
async function attack(artifacts: readonly Buffer[], taken?: (bytes: Buffer) => Promise<void>): Promise<void> {
  const known = await meaningsOf(artifacts);
  const outcomes = new Map<string, number>();
  for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
    const random = randomOf(seed);
    const bytes = mutate(random.of(artifacts), artifacts, random);
    try {
      const outcome = await judge(bytes, known, random);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (outcome === 'taken') await taken?.(bytes);
    } catch (cause) {
      throw new Error(`LOVELY_FUZZ_SEED=${seed} was not handled well: ${(cause as Error).message}`, { cause });
    }
  }
  // What is spoilt is refused for many reasons, and some of it means nothing.
  expect(outcomes.get('taken')).toBeGreaterThan(0);
  expect(outcomes.size).toBeGreaterThan(5);
}

describe(`spoilt artifacts are refused with a reason or read exactly, in time (LOVELY_FUZZ_SEED=${firstSeed})`, () => {
  test('of ours', async () => await attack(await ofOurs()), 120_000);
  testWith('mender-artifact', 'xz')(
    'of mender-artifact, which takes whatever is taken here',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'lovely-hostile-'));
      const path = join(folder, 'taken');
      await attack(await ofMender(), async (bytes) => {
        await writeFile(path, bytes);
        const { exitCode, stderr } = Bun.spawnSync([requireTool('mender-artifact'), 'validate', path], {
          stderr: 'pipe',
        });
        if (exitCode !== 0) throw new Error(`mender-artifact refuses it: ${stderr.toString()}`);
      });
      await rm(folder, { recursive: true });
    },
    120_000,
  );
});
