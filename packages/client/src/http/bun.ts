/** HTTP by Bun's fetch. */
import { ClientError } from '../error.ts';
import { HTTP_BODY_BYTES_MAX, HTTP_TIMEOUT_MS } from '../limits.ts';
import { retryAfterMs, type Download, type Http, type Network } from './http.ts';

export function bunHttp(network: Network): Http {
  const options = optionsOf(network);
  return async ({ method, url, headers, body }, signal) => {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(HTTP_TIMEOUT_MS)]);
    try {
      const init = { method, headers, signal: stop, redirect: 'manual', keepalive: false, ...options } as const;
      const response = await fetch(url, body === '' ? init : { ...init, body });
      return {
        status: response.status,
        retryAfterMs: retryAfterMs(response.headers.get('retry-after')),
        body: await readBody(response),
      };
    } catch (cause) {
      if (cause instanceof ClientError) throw cause;
      throw new ClientError('unreachable', `no answer from ${new URL(url).host}`, { cause });
    }
  };
}

export function bunDownload(network: Network): Download {
  const options = { ...optionsOf(network), redirect: 'manual', decompress: false } as const;
  return async (url, headers, signal) => {
    try {
      const response = await fetch(url, { headers: { ...headers, 'accept-encoding': 'identity' }, signal, ...options });
      return {
        status: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
        body: response.body ?? new Blob().stream(),
      };
    } catch (cause) {
      throw new ClientError('unreachable', `no answer from ${new URL(url).host}`, { cause });
    }
  };
}

function optionsOf({ authorities, certificate, proxy }: Network) {
  return {
    tls: {
      ...(authorities ? { ca: [...authorities] } : {}),
      ...(certificate ? { cert: certificate.chain, key: certificate.key } : {}),
    },
    ...(proxy === undefined ? {} : { proxy }),
  };
}

async function readBody(response: Response): Promise<string> {
  const text = new TextDecoder();
  let bytes = 0;
  let body = '';
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > HTTP_BODY_BYTES_MAX)
      throw new ClientError('bad-answer', `an answer of more than ${HTTP_BODY_BYTES_MAX} bytes`);
    body += text.decode(chunk, { stream: true });
  }
  return body + text.decode();
}
