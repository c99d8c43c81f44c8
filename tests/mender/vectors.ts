/** What Mender's programs and a server said to each other, captured from the wire; the file stands beside the repository. */
import { test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from '../harness/server.ts';

export interface CapturedAuthRequest {
  readonly key_type: 'rsa' | 'ec' | 'ed25519';
  readonly body_hex: string;
  readonly x_men_signature: string;
  readonly authorization: string;
}

export interface CapturedExchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly resp: string;
}

/** What a device told of one deployment. */
export interface CapturedSequence {
  readonly scenario: string;
  readonly status_puts: readonly { readonly status: string; readonly substate?: string; readonly http: number }[];
}

interface Vectors {
  readonly deployment_status_sequences: readonly CapturedSequence[];
  readonly artifacts: Readonly<Record<string, { readonly base64: string; readonly sha256: string }>>;
  readonly auth_requests: readonly CapturedAuthRequest[];
  readonly http: Readonly<Record<string, CapturedExchange>>;
}

const path = join(import.meta.dir, '../../../shared/mender/vectors.json');
const isThere = existsSync(path);

/** `test` where the vectors are, else a skip by name; with CI=true they must be there. */
export const testWithVectors: typeof test | typeof test.skip = isThere || process.env.CI === 'true' ? test : test.skip;

export function readVectors(): Vectors {
  return JSON.parse(readFileSync(path, 'utf8')) as Vectors;
}

/** Sends a captured request once more, as it was but for the token, chunked where it was. */
export async function replay(
  server: TestServer,
  { method, url, headers, body }: CapturedExchange,
  authorization: string,
): Promise<Response> {
  const isChunked = headers['transfer-encoding'] === 'chunked';
  return await server.fetch(url, {
    method,
    headers: {
      authorization,
      'accept-encoding': 'gzip',
      ...(headers['content-type'] === undefined ? {} : { 'content-type': headers['content-type'] }),
    },
    ...(method === 'GET' ? {} : { body: isChunked ? chunked(body) : body }),
  });
}

/** Two halves, so that there is no length to tell beforehand. */
function chunked(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const middle = Math.floor(bytes.length / 2);
  return new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.subarray(0, middle));
      controller.enqueue(bytes.subarray(middle));
      controller.close();
    },
  });
}
