/**
 * Between the reader of an artifact, which pushes one file after the other, and the modules, which take the files of their
 * payload when they want them. Nothing is kept in between: the reader waits until a file was taken.
 */
import { deferred } from '../deferred.ts';
import type { ModuleFile } from './update-module.ts';

type Slot =
  | { readonly kind: 'file'; readonly payload: number; readonly file: ModuleFile; done(): void }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed'; readonly error: unknown };

export class PayloadRelay {
  #slot: Slot | undefined;
  #wake: (() => void) | undefined;
  /** Files whose content nobody wants any more are let pass. */
  #isAbandoned = false;

  /** The reader's side: resolves when the file was taken. */
  async offer(payload: number, file: ModuleFile): Promise<void> {
    if (this.#isAbandoned) return;
    const { promise, resolve } = deferred<void>();
    let failure: { readonly error: unknown } | undefined;
    const content = watched(file.content, (error) => (failure = { error }));
    this.#set({ kind: 'file', payload, file: { ...file, content }, done: resolve });
    await promise;
    if (failure) throw failure.error;
  }

  end(): void {
    this.#set({ kind: 'end' });
  }

  fail(error: unknown): void {
    this.#set({ kind: 'failed', error });
  }

  /** The module's side: the files of one payload. Throws what the reader came to grief with. */
  async *files(payload: number): AsyncGenerator<ModuleFile> {
    for (;;) {
      const slot = this.#slot ?? (await this.#next());
      if (slot.kind === 'failed') throw slot.error;
      if (slot.kind === 'end' || slot.payload !== payload) return;
      try {
        yield slot.file;
      } finally {
        this.#slot = undefined;
        slot.done();
      }
    }
  }

  /** No module takes any more: the reader goes on by itself to its end. */
  abandon(): void {
    this.#isAbandoned = true;
    if (this.#slot?.kind === 'file') this.#slot.done();
    this.#slot = undefined;
  }

  #set(slot: Slot): void {
    this.#slot = slot;
    this.#wake?.();
  }

  async #next(): Promise<Slot> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
    return this.#slot!;
  }
}

/** The module takes the content, so it is the module that meets what goes wrong with it; the reader must know too. */
async function* watched(
  content: AsyncIterable<Uint8Array>,
  failed: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* content;
  } catch (error) {
    failed(error);
    throw error;
  }
}
