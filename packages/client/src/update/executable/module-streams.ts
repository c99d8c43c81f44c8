/**
 * Hands the files of a payload to a module that reads them as they arrive: `stream-next` tells the name of the next, which is
 * then a pipe in `streams/`. A pipe is opened without waiting for its reader, as a module may never come to read it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { MODULE_PIPE_FULL_MS, MODULE_STREAM_LOOK_MS } from '../../limits.ts';
import type { ModuleFile } from '../update-module.ts';

export class ModuleStreams {
  readonly #tree: string;
  /** Aborted when the module ended, however it did. */
  readonly #ended: AbortSignal;
  /** Newer modules want to know the sizes. */
  readonly #tellsSizes: boolean;
  #isUsed = false;

  static async make(tree: string, ended: AbortSignal, tellsSizes: boolean): Promise<ModuleStreams> {
    await makePipe(join(tree, 'stream-next'));
    return new ModuleStreams(tree, ended, tellsSizes);
  }

  private constructor(tree: string, ended: AbortSignal, tellsSizes: boolean) {
    this.#tree = tree;
    this.#ended = ended;
    this.#tellsSizes = tellsSizes;
  }

  /** Whether the module has asked for a file. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** False when the module ended before it had read all of it. */
  async give({ name, bytes, content }: ModuleFile): Promise<boolean> {
    const path = join(this.#tree, 'streams', name);
    await makePipe(path);
    if (!(await this.#announce(`streams/${name}${this.#tellsSizes ? ` ${bytes}` : ''}\n`))) return false;
    const pipe = await this.#opened(path);
    if (!pipe) return false;
    try {
      for await (const chunk of content) if (!(await this.#write(pipe, chunk))) return false;
      return true;
    } finally {
      await pipe.close();
      await rm(path, { force: true });
    }
  }

  /** An empty name: there is no other file. A module need not ask for it. */
  async end(): Promise<void> {
    await this.#announce('');
  }

  async #announce(line: string): Promise<boolean> {
    const pipe = await this.#opened(join(this.#tree, 'stream-next'));
    if (!pipe) return false;
    this.#isUsed = true;
    try {
      return await this.#write(pipe, Buffer.from(line));
    } finally {
      await pipe.close();
    }
  }

  /** The pipe, once somebody reads from it. */
  async #opened(path: string): Promise<FileHandle | undefined> {
    for (;;) {
      try {
        return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
      } catch (error) {
        if (codeOf(error) !== 'ENXIO') throw error;
      }
      // Only then: a module that ended may have been the reader until this moment.
      if (this.#ended.aborted) return undefined;
      await wait(MODULE_STREAM_LOOK_MS);
    }
  }

  async #write(pipe: FileHandle, bytes: Uint8Array): Promise<boolean> {
    for (let at = 0; at < bytes.length;) {
      try {
        at += (await pipe.write(bytes, at)).bytesWritten;
      } catch (error) {
        const code = codeOf(error);
        if (code === 'EPIPE') return false;
        if (code !== 'EAGAIN') throw error;
        if (this.#ended.aborted) return false;
        await wait(MODULE_PIPE_FULL_MS);
      }
    }
    return true;
  }
}

function wait(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

/** Neither Bun nor Node makes one by itself. */
async function makePipe(path: string): Promise<void> {
  const [status] = (await once(spawn('mkfifo', ['-m', '600', path], { stdio: 'ignore' }), 'exit')) as [number | null];
  if (status !== 0) throw new Error(`mkfifo ${path} ended with ${status}`);
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
