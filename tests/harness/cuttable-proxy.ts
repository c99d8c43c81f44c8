/** An HTTP proxy (CONNECT) that a gateway on its own machine can cut itself off from: while a file exists, nothing passes. */
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** How often the file is looked for. */
const LOOK_MS = 20;

export class CuttableProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(server: Server, cutFile: string) {
    this.#server = server;
    const isCut = (): boolean => existsSync(cutFile);
    this.#timer = setInterval(() => {
      if (isCut()) for (const socket of this.#sockets) socket.destroy();
    }, LOOK_MS);
    server.on('connect', (request, client: Socket) => {
      const [, port] = (request.url ?? '').split(':');
      const target = connect(Number(port), '127.0.0.1');
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

  static async start(cutFile: string): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server, cutFile);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
