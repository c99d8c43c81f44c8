/** Stands between a device and the server, over TLS: writes down what they say, and cuts or refuses where a test wants it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TestServer } from '../harness/server.ts';

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  /** Of a small answer; empty for a download. */
  readonly answer: string;
}

export interface RecordingProxy extends AsyncDisposable {
  readonly url: string;
  readonly exchanges: readonly Exchange[];
  /** Paths that are answered with 404, as a server would that is older than the client. */
  readonly unknownPaths: RegExp[];
  /** The next download ends after so many bytes. */
  cutNextDownload(afterBytes: number): void;
}

const DOWNLOAD = /\/download\b/;

export async function startRecordingProxy(server: TestServer): Promise<RecordingProxy> {
  // The server's own key and certificate.
  const pem = await readFile(join(server.dataDir, 'tls/server.pem'));
  const exchanges: Exchange[] = [];
  const unknownPaths: RegExp[] = [];
  let cutAfterBytes: number | undefined;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => name !== 'connection' && name !== 'transfer-encoding'),
    ) as Record<string, string>;
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Uint8Array>));
    const record = (status: number, text: string): void =>
      void exchanges.push({ method, path, headers, body: body.toString(), status, answer: text });
    if (unknownPaths.some((pattern) => pattern.test(path))) {
      record(404, '');
      response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
      return;
    }
    const told = await server.fetch(path, {
      method,
      headers,
      ...(body.length > 0 ? { body } : {}),
      redirect: 'manual',
    });
    response.writeHead(told.status, Object.fromEntries(told.headers));
    if (!DOWNLOAD.test(path)) {
      const text = await told.text();
      record(told.status, text);
      response.end(text);
      return;
    }
    record(told.status, '');
    const cutAt = cutAfterBytes ?? Infinity;
    cutAfterBytes = undefined;
    let sent = 0;
    for await (const chunk of told.body ?? []) {
      const part = chunk.subarray(0, cutAt - sent);
      sent += part.length;
      if (!response.write(part)) await once(response, 'drain');
      if (sent < cutAt) continue;
      response.destroy();
      return;
    }
    response.end();
  }

  const proxy = createServer({ cert: pem, key: pem }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `https://localhost:${(proxy.address() as AddressInfo).port}`,
    exchanges,
    unknownPaths,
    cutNextDownload: (afterBytes) => void (cutAfterBytes = afterBytes),
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
