/**
 * Checks an artifact that is handed over piece by piece, as uploads arrive: each piece is taken when it has been looked at, so
 * that the first wrong byte is known at once and nothing piles up.
 */
import { ArtifactError, readArtifact, type Artifact, type ReadOptions } from '@lovely/artifact';
import { LovelyError } from '../errors.ts';

export class ArtifactCheck {
  readonly #reading: Promise<Artifact>;
  #take: ((piece: Uint8Array | undefined) => void) | undefined;
  #isAsked = Promise.withResolvers<void>();
  #position = 0;

  constructor(options: ReadOptions = {}) {
    this.#reading = readArtifact(this.#pieces(), options);
    // Whoever feeds it is told.
    this.#reading.catch(() => undefined);
  }

  /** How many bytes it has seen. */
  get position(): number {
    return this.#position;
  }

  /** Resolves when the piece has been looked at. Throws LovelyError 'bad-artifact'. */
  async feed(piece: Uint8Array): Promise<void> {
    if (piece.length === 0) return;
    await this.#asked();
    this.#position += piece.length;
    this.#give(piece);
    await this.#asked();
  }

  /** Says that this was all. Throws LovelyError 'bad-artifact' for one that isn't whole. */
  async end(): Promise<Artifact> {
    await this.#asked();
    this.#give(undefined);
    return await this.#reading.catch(refuse);
  }

  /** Lets go of what it holds; nothing comes of it. */
  close(): void {
    void this.#asked().then(
      () => this.#give(undefined),
      () => undefined,
    );
  }

  /** Until the reader wants the next piece, or has found a fault. */
  async #asked(): Promise<void> {
    await Promise.race([this.#isAsked.promise, this.#reading.then(() => undefined, refuse)]);
  }

  #give(piece: Uint8Array | undefined): void {
    const take = this.#take;
    this.#isAsked = Promise.withResolvers();
    this.#take = undefined;
    take?.(piece);
  }

  async *#pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const piece = await new Promise<Uint8Array | undefined>((resolve) => {
        this.#take = resolve;
        this.#isAsked.resolve();
      });
      if (piece === undefined) return;
      yield piece;
    }
  }
}

/** What is wrong with an artifact, as an error that people see. */
export function refuse(error: unknown): never {
  if (error instanceof ArtifactError) throw new LovelyError('bad-artifact', sentence(error.message), { cause: error });
  throw error;
}

/** The reader's words go on from others'; a name at the beginning stays as it is. */
function sentence(text: string): string {
  const begun = /^(?:it|its|a|an|the|this|both) /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
