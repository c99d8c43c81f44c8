/**
 * An HTTP proxy (CONNECT) whose tunnels can be frozen, as a link that died without a word; and where a gateway is to cut itself
 * off, nothing passes while a file exists.
 */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** How often the file is looked for. */
const LOOK_MS = 20;

export class Proxy implements AsyncDisposable {
  readonly authorities: string[] = [];
  readonly credentials: (string | undefined)[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #looking: ReturnType<typeof setInterval> | undefined;

  private constructor(server: Server, cutFile: string | undefined) {
    this.#server = server;
    const isCut = (): boolean => cutFile !== undefined && existsSync(cutFile);
    if (cutFile !== undefined)
      this.#looking = setInterval(() => {
        if (isCut()) this.#cut();
      }, LOOK_MS);
    server.on('connect', (request, client: Socket) => {
      this.authorities.push(request.url ?? '');
      this.credentials.push(request.headers['proxy-authorization']);
      const [host, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), host === 'localhost' ? '127.0.0.1' : host!);
      for (const socket of [client, target]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          client.destroy();
          target.destroy();
        });
      }
      target.once('connect', () => {
        if (isCut()) return client.destroy();
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        target.pipe(client).pipe(target);
      });
    });
  }

  static async start({ cutFile }: { readonly cutFile?: string } = {}): Promise<Proxy> {
    const server = createServer();
    const proxy = new Proxy(server, cutFile);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Nothing passes the tunnels of now any more, and nothing closes them. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#looking);
    this.#cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
