/**
 * An artifact while it arrives: from the server that the gateway belongs to and from nowhere else, in parts, at the speed that
 * is allowed, and over as many connections as it takes.
 */
import { createHash } from 'node:crypto';
import type { UpdateOffer } from '@lovely/protocol';
import { backoff } from '../backoff.ts';
import { sleep, type Clock } from '../clock.ts';
import { describeError } from '../error.ts';
import type { Download, DownloadAnswer } from '../http/http.ts';
import {
  DOWNLOAD_GIVE_UP_MS,
  DOWNLOAD_PART_BYTES,
  DOWNLOAD_REFUSED_MS,
  DOWNLOAD_RETRY_FIRST_MS,
  DOWNLOAD_RETRY_MAX_MS,
  DOWNLOAD_SILENCE_MS,
} from '../limits.ts';
import { UpdateError } from './update-module.ts';

export interface ArtifactDownloadOptions {
  readonly download: Download;
  readonly server: URL;
  /** The newest offer of the attempt: a later one may bring a path that is good for longer. */
  readonly offer: () => UpdateOffer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Something arrived, or the network is what is waited for. */
  alive(): void;
  /** Worth a line in the update's log. */
  note(message: string): void;
}

const STEP = 'Download';

export class ArtifactDownload implements AsyncIterable<Uint8Array> {
  readonly #options: ArtifactDownloadOptions;
  readonly #hash = createHash('sha256');
  /** When more may arrive, at the speed that is allowed. */
  #freeAtMs = 0;
  #bytes = 0;
  /** The server's word for this content, to notice another in its place. */
  #etag: string | undefined;

  /** Throws UpdateError 'bad-artifact' for a path that leads elsewhere. */
  constructor(options: ArtifactDownloadOptions) {
    this.#options = options;
    this.#url();
  }

  /** How much has arrived. */
  get bytes(): number {
    return this.#bytes;
  }

  get bytesToCome(): number {
    return this.#options.offer().artifact.bytes - this.#bytes;
  }

  /** Whether all that has arrived is what was offered. Throws UpdateError. */
  check(): void {
    const { artifact } = this.#options.offer();
    const found = this.#hash.digest('hex');
    if (found !== artifact.sha256)
      throw new UpdateError(
        'bad-checksum',
        STEP,
        `what arrived is not what was offered: its checksum is ${found}, not ${artifact.sha256}`,
      );
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const { clock, random, signal, offer, alive, note } = this.#options;
    const waits = () =>
      backoff({
        firstMs: DOWNLOAD_RETRY_FIRST_MS,
        maxMs: DOWNLOAD_RETRY_MAX_MS,
        factor: 2,
        steadyShare: 0.5,
        random,
      });
    let [left, newsMs, retries] = [true, clock.monotonicMs(), waits()];
    while (left) {
      const before = this.#bytes;
      const problem = yield* this.#part();
      left = this.#bytes < offer().artifact.bytes;
      if (this.#bytes > before) [newsMs, retries] = [clock.monotonicMs(), waits()];
      signal.throwIfAborted();
      if (problem === undefined && this.#bytes > before) continue;
      const { text, isRefusal } = problem ?? { text: 'the answer was empty', isRefusal: false };
      const silentMs = clock.monotonicMs() - newsMs;
      if (silentMs > (isRefusal ? DOWNLOAD_REFUSED_MS : DOWNLOAD_GIVE_UP_MS))
        throw new UpdateError('download-failed', STEP, `the artifact can't be fetched: ${text}`);
      const waitMs = retries.next().value;
      note(`the download stopped after ${this.#bytes} bytes (${text}); it goes on in ${Math.ceil(waitMs / 1000)} s`);
      await this.#wait(waitMs, alive);
    }
  }

  /** One request's worth; returns what went wrong. */
  async *#part(): AsyncGenerator<Uint8Array, { text: string; isRefusal: boolean } | undefined> {
    const { download, clock, signal, alive } = this.#options;
    const stop = new AbortController();
    const stopPart = (): void => stop.abort();
    signal.addEventListener('abort', stopPart, { once: true });
    let cancelSilence = (): void => undefined;
    const heard = (): void => {
      cancelSilence();
      cancelSilence = clock.after(DOWNLOAD_SILENCE_MS, stopPart);
      alive();
    };
    try {
      heard();
      const answer = await download(this.#url().href, this.#headers(), stop.signal);
      const obstacle = this.#judge(answer);
      if (obstacle !== undefined) return { text: obstacle, isRefusal: isRefusal(answer.status) };
      // A server that doesn't know parts sends all of it again.
      let known = answer.status === 200 ? this.#bytes : 0;
      for await (const chunk of answer.body) {
        heard();
        const news = chunk.subarray(Math.min(known, chunk.length));
        known -= chunk.length - news.length;
        if (news.length === 0) continue;
        if (news.length > this.bytesToCome)
          throw new UpdateError('bad-artifact', STEP, 'the artifact is larger than was offered');
        this.#hash.update(news);
        this.#bytes += news.length;
        // Whoever reads may take longer than the network may be silent.
        cancelSilence();
        yield news;
        await this.#hold(news.length);
        heard();
      }
      return undefined;
    } catch (error) {
      if (error instanceof UpdateError || signal.aborted) throw error;
      return { text: stop.signal.aborted ? 'nothing came any more' : describeError(error), isRefusal: false };
    } finally {
      cancelSilence();
      stop.abort();
      signal.removeEventListener('abort', stopPart);
    }
  }

  #url(): URL {
    const { server, offer } = this.#options;
    const { path } = offer().artifact;
    const url = path.startsWith('/') && URL.canParse(path, server.origin) ? new URL(path, server.origin) : undefined;
    if (url?.origin !== server.origin)
      throw new UpdateError('bad-artifact', STEP, 'the artifact is offered from another place than this server');
    return url;
  }

  #headers(): { [name: string]: string } {
    const { artifact } = this.#options.offer();
    const end = Math.min(this.#bytes + this.#partBytes(), artifact.bytes) - 1;
    return {
      range: `bytes=${this.#bytes}-${end}`,
      ...(this.#etag === undefined ? {} : { 'if-range': this.#etag }),
    };
  }

  /** Small enough that a slow download isn't buffered somewhere on the way. */
  #partBytes(): number {
    const { bytesPerSecond } = this.#options.offer();
    return bytesPerSecond === undefined
      ? DOWNLOAD_PART_BYTES
      : Math.min(DOWNLOAD_PART_BYTES, Math.max(SLOW_PART_BYTES_MIN, bytesPerSecond * SLOW_PART_SECONDS));
  }

  /** Says why this answer is none that can be used; throws for one that never will be. */
  #judge(answer: DownloadAnswer): string | undefined {
    const { artifact } = this.#options.offer();
    const { status } = answer;
    if (status !== 200 && status !== 206) return `the server answered ${status}`;
    const etag = answer.header('etag');
    if (this.#etag !== undefined && etag !== this.#etag)
      throw new UpdateError('bad-artifact', STEP, 'the artifact changed while it was downloaded');
    this.#etag = etag;
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(answer.header('content-range') ?? '');
    const total = Number(status === 206 ? range?.[2] : answer.header('content-length'));
    if (status === 206 && Number(range?.[1]) !== this.#bytes)
      return 'the server sent another part than it was asked for';
    if (total !== artifact.bytes)
      throw new UpdateError(
        'bad-artifact',
        STEP,
        `the artifact has ${total} bytes, and one of ${artifact.bytes} was offered`,
      );
    return undefined;
  }

  /** Waits until more may come. */
  async #hold(bytes: number): Promise<void> {
    const { offer, clock, alive } = this.#options;
    const { bytesPerSecond } = offer();
    if (bytesPerSecond === undefined) return;
    const nowMs = clock.monotonicMs();
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (bytes / bytesPerSecond) * 1000;
    await this.#wait(this.#freeAtMs - nowMs, alive);
  }

  /** The network's time, and not that of the module that reads. */
  async #wait(waitMs: number, alive: () => void): Promise<void> {
    const { clock, signal } = this.#options;
    for (let leftMs = waitMs; leftMs > 0 && !signal.aborted; leftMs -= SIGN_OF_LIFE_MS) {
      alive();
      await sleep(clock, Math.min(leftMs, SIGN_OF_LIFE_MS), signal);
    }
    alive();
  }
}

/** What waiting won't change, unless a newer offer does. */
function isRefusal(status: number): boolean {
  return status >= 300 && status < 500 && status !== 408 && status !== 429;
}

const SLOW_PART_BYTES_MIN = 64 * 1024;
const SLOW_PART_SECONDS = 4;
const SIGN_OF_LIFE_MS = 1_000;
