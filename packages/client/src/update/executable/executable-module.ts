/** Mender's update modules, version 3: an executable for each type of payload, called once for each step (COMPAT 5.1). */
import type { ArtifactHeader } from '@lovely/artifact';
import { accessSync, constants, createWriteStream, mkdirSync, rmSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MODULE_ANSWER_BYTES_MAX, UPDATE_FREE_BYTES_MIN } from '../../limits.ts';
import type { ProgramEnd } from '../last-words.ts';
import {
  UpdateError,
  type ModuleContext,
  type ModuleFile,
  type RebootNeed,
  type UpdateModule,
} from '../update-module.ts';
import { buildTree, syncTree } from './module-tree.ts';
import { ModuleStreams } from './module-streams.ts';

/** Runs the program in `folder`; resolves with how it ended. What it prints goes to `answer`, or else to the log. */
export type RunModule = (
  program: string,
  args: readonly string[],
  folder: string,
  context: Pick<ModuleContext, 'signal' | 'progress'>,
  answer?: (bytes: Uint8Array) => void,
) => Promise<ProgramEnd>;

const TYPE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/;

/** The module's path; undefined where there is none for this type that could be run. */
export function findModule(moduleDir: string, type: string): string | undefined {
  // The type comes with the artifact: it must not lead out of the folder.
  if (!TYPE.test(type)) return undefined;
  const path = join(moduleDir, type);
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}

export function openExecutable(
  program: string,
  run: RunModule,
  header: Omit<ArtifactHeader, 'scripts'>,
  context: ModuleContext,
): UpdateModule {
  const tree = join(context.folder, 'tree');
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const progress = (): void => context.progress();

  async function call(step: string, answer?: (bytes: Uint8Array) => void): Promise<void> {
    // It was there once; what is left of it after a garbled disk must not keep `Cleanup` from running.
    mkdirSync(tree, { recursive: true, mode: 0o700 });
    context.log('debug', `calling ${program} ${step}`);
    const { status, lastWords } = await run(program, [step, tree], tree, { signal, progress }, answer);
    if (status !== 0) throw lastWords.failure('the update module', step, status, 'module-failed');
  }

  async function ask(question: string): Promise<string> {
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    await call(question, (piece) => {
      bytes += piece.length;
      if (bytes <= MODULE_ANSWER_BYTES_MAX) pieces.push(piece);
    });
    return Buffer.concat(pieces).toString().trim();
  }

  return {
    async download(files) {
      buildTree(tree, header, context);
      const tellsSizes = (await ask('ProvidePayloadFileSizes').catch(() => '')) === 'Yes';
      const step = tellsSizes ? 'DownloadWithFileSizes' : 'Download';
      const ended = new AbortController();
      const streams = await ModuleStreams.make(tree, ended.signal, tellsSizes);
      const calling = call(step).finally(() => ended.abort());
      // Looked at below; until then nobody would.
      calling.catch(() => undefined);
      try {
        let isStoring = false;
        for await (const file of files) {
          checkName(file.name);
          if (!isStoring) {
            if (await streams.give(file)) continue;
            await calling;
            if (streams.isUsed)
              throw new UpdateError('module-failed', step, 'the update module ended before it had read all files');
            isStoring = true;
          }
          await storeFile(tree, file, context);
        }
        await streams.end();
        await calling;
      } catch (error) {
        stop.abort();
        await calling.catch(() => undefined);
        throw error;
      }
      rmSync(join(tree, 'stream-next'), { force: true });
      rmSync(join(tree, 'streams'), { recursive: true, force: true });
      syncTree(tree);
    },
    supportsRollback: async () => (await ask('SupportsRollback')) === 'Yes',
    install: () => call('ArtifactInstall'),
    async needsReboot() {
      const answer = await ask('NeedsArtifactReboot');
      const need = REBOOT_NEEDS.get(answer);
      if (need === undefined)
        throw new UpdateError('module-failed', 'NeedsArtifactReboot', `"${answer}" is none of Yes, No and Automatic`);
      return need;
    },
    reboot: () => call('ArtifactReboot'),
    verifyReboot: () => call('ArtifactVerifyReboot'),
    commit: () => call('ArtifactCommit'),
    rollback: () => call('ArtifactRollback'),
    rollbackReboot: () => call('ArtifactRollbackReboot'),
    verifyRollbackReboot: () => call('ArtifactVerifyRollbackReboot'),
    failure: () => call('ArtifactFailure'),
    cleanup: () => call('Cleanup'),
  };
}

const REBOOT_NEEDS: ReadonlyMap<string, RebootNeed> = new Map([
  ['', 'no'],
  ['No', 'no'],
  ['Yes', 'yes'],
  ['Automatic', 'automatic'],
]);

/** Its name comes with the artifact as well. */
function checkName(name: string): void {
  if (!/^[A-Za-z0-9.,_-]+$/.test(name) || name === '.' || name === '..')
    throw new UpdateError('bad-artifact', 'Download', `a file can't be called "${name}"`);
}

/** For a module that doesn't read the stream. */
async function storeFile(tree: string, { name, bytes, content }: ModuleFile, context: ModuleContext): Promise<void> {
  const folder = join(tree, 'files');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  const needed = Math.max(bytes, context.bytesToCome()) + UPDATE_FREE_BYTES_MIN;
  if (bavail * bsize < needed)
    throw new UpdateError('no-space', 'Download', `${needed} bytes are needed, and ${bavail * bsize} are free`);
  await pipeline(content, createWriteStream(join(folder, name), { flags: 'wx', mode: 0o600 }));
}
