/** HTTP by Node's https. */
import type { IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { deferred } from '../deferred.ts';
import { ClientError } from '../error.ts';
import { HTTP_BODY_BYTES_MAX, HTTP_TIMEOUT_MS } from '../limits.ts';
import { retryAfterMs, type Download, type Http, type HttpRequest, type HttpResponse, type Network } from './http.ts';
import { proxyAgent } from './proxy-agent.ts';

export function nodeHttp(network: Network): Http {
  const options = optionsOf(network);
  return async (request, signal) => {
    try {
      return await exchange(request, {
        ...options,
        signal: AbortSignal.any([signal, AbortSignal.timeout(HTTP_TIMEOUT_MS)]),
      });
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      throw new ClientError('unreachable', `no answer from ${new URL(request.url).host}`, { cause });
    }
  };
}

export function nodeDownload(network: Network): Download {
  const options = optionsOf(network);
  return async (url, headers, signal) => {
    const { promise, resolve, reject } = deferred<IncomingMessage>();
    const request = httpsRequest(url, { ...options, signal, headers: { ...headers, connection: 'close' } }, resolve);
    request.once('error', reject);
    request.end();
    try {
      const response = await promise;
      return {
        status: response.statusCode ?? 0,
        header: (name) => {
          const value = response.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
        body: response,
      };
    } catch (cause) {
      throw new ClientError('unreachable', `no answer from ${new URL(url).host}`, { cause });
    }
  };
}

function optionsOf({ authorities, certificate, proxy }: Network): RequestOptions {
  return {
    ...(authorities ? { ca: [...authorities] } : {}),
    ...(certificate ? { cert: certificate.chain, key: certificate.key } : {}),
    agent: proxy === undefined ? false : proxyAgent(proxy),
  };
}

function exchange({ method, url, headers, body }: HttpRequest, options: RequestOptions): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest(
      url,
      { ...options, method, headers: { ...headers, connection: 'close' } },
      (response) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > HTTP_BODY_BYTES_MAX) {
            response.destroy(new ClientError('bad-answer', `an answer of more than ${HTTP_BODY_BYTES_MAX} bytes`));
          }
        });
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfterMs: retryAfterMs(response.headers['retry-after']),
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}
