/** An artifact on its way: its header is read and looked at first, then its payloads wait for the modules that take them. */
import { ArtifactError, readArtifact, type ArtifactStart } from '@lovely/artifact';
import { deferred } from '../deferred.ts';
import { ArtifactDownload, type ArtifactDownloadOptions } from './download.ts';
import { PayloadRelay } from './payload-relay.ts';
import { UpdateError } from './update-module.ts';

export interface OpenArtifact {
  readonly download: ArtifactDownload;
  readonly relay: PayloadRelay;
  /** What is known before the first payload. */
  readonly start: Promise<ArtifactStart>;
  /** Lets the payloads come; resolves when all of it is here and is what was offered. Throws UpdateError. */
  read(): Promise<void>;
  /** Lets go of the connection; what was not read yet never will be. */
  close(): void;
}

export function openArtifact(options: Omit<ArtifactDownloadOptions, 'signal'>): OpenArtifact {
  const stop = new AbortController();
  const started = deferred<ArtifactStart>();
  const released = deferred<void>();
  const relay = new PayloadRelay();
  const download = new ArtifactDownload({ ...options, signal: stop.signal });
  const bytes = download[Symbol.asyncIterator]();
  const reading = (async () => {
    try {
      // Not to be closed when the reader has seen its end: the checksum is that of all that comes.
      const unclosed = { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) };
      await readArtifact(unclosed, {
        async onStart(start) {
          started.resolve(start);
          await released.promise;
        },
        onFile: ({ payload, name, size, mtime }, content) =>
          relay.offer(payload, { name, bytes: size, mtime, content }),
      });
      while (!(await bytes.next()).done);
    } catch (error) {
      throw inTheProtocolsWords(error);
    }
    download.check();
  })();
  reading.then(
    () => relay.end(),
    (error: unknown) => {
      started.reject(error);
      relay.fail(error);
    },
  );
  started.promise.catch(() => undefined);
  return {
    download,
    relay,
    start: started.promise,
    async read() {
      released.resolve();
      await reading;
    },
    close() {
      stop.abort();
      released.resolve();
      relay.abandon();
    },
  };
}

function inTheProtocolsWords(error: unknown): unknown {
  if (!(error instanceof ArtifactError)) return error;
  const code = error.code === 'bad-checksum' || error.code === 'bad-signature' ? error.code : 'bad-artifact';
  return new UpdateError(code, 'Download', error.message);
}
