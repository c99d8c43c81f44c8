/** A house's link to the internet, which can be cut: the seam between a simulated gateway and the real network. */
import type { Http, Socket, Transport } from '@lovely/client';

export class Link {
  readonly #transport: Transport;
  readonly #http: Http;
  #socket: Socket | undefined;
  #isUp = true;

  constructor(transport: Transport, http: Http) {
    this.#transport = transport;
    this.#http = http;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** What is open breaks without a farewell, and nothing new opens until the link is up again. */
  set isUp(isUp: boolean) {
    if (this.#isUp && !isUp) this.#socket?.terminate();
    this.#isUp = isUp;
  }

  readonly transport: Transport = (url, headers, events) => {
    if (!this.#isUp) {
      queueMicrotask(() => events.end({ kind: 'unreachable', reason: 'the link is down' }));
      return NO_SOCKET;
    }
    const socket = this.#transport(url, headers, {
      ...events,
      end: (end) => {
        if (this.#socket === socket) this.#socket = undefined;
        events.end(end);
      },
    });
    this.#socket = socket;
    return socket;
  };

  /** While the link is down, the house's router answers that there is no internet. */
  readonly http: Http = (request, signal) =>
    this.#isUp ? this.#http(request, signal) : Promise.resolve({ status: 503, retryAfterMs: undefined, body: '' });
}

const NO_SOCKET: Socket = {
  send: () => undefined,
  ping: () => undefined,
  bufferedBytes: 0,
  close: () => undefined,
  terminate: () => undefined,
};
