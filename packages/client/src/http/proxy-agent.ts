/** An agent for Node that reaches an https server through an HTTP proxy (CONNECT, RFC 9110 section 9.3.6). */
import { request, type ClientRequestArgs } from 'node:http';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';
import { HTTP_TIMEOUT_MS } from '../limits.ts';

export function proxyAgent(proxy: string): Agent {
  return new ProxyAgent(new URL(proxy));
}

class ProxyAgent extends Agent {
  readonly #proxy: URL;

  constructor(proxy: URL) {
    super();
    this.#proxy = proxy;
  }

  override createConnection(
    options: ClientRequestArgs & ConnectionOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const authority = `${options.host}:${options.port}`;
    const { hostname, port, username, password } = this.#proxy;
    const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString(
      'base64',
    );
    const fail = (error: Error): void => callback?.(error, undefined as never);
    const tunnel = request({
      host: hostname,
      port: port === '' ? 80 : port,
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(username === '' ? {} : { 'proxy-authorization': `Basic ${credentials}` }) },
      agent: false,
      timeout: HTTP_TIMEOUT_MS,
    });
    tunnel
      .once('connect', (response, socket) => {
        if (response.statusCode === 200) return callback?.(null, connect({ ...options, socket }));
        socket.destroy();
        fail(new Error(`the proxy answered ${response.statusCode}`));
      })
      .once('timeout', () => tunnel.destroy(new Error('the proxy gave no answer')))
      .once('error', fail)
      .end();
  }
}
