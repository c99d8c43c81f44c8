import { afterEach, describe, expect, test } from 'bun:test';
import { connect } from 'node:net';
import { listen, type Listener, type ListenerOptions, type Socket, type SocketOwner } from './listener.ts';

let listener: Listener | undefined;
afterEach(async () => {
  await listener?.close();
});

function start(answer: ListenerOptions['answer']): string {
  listener = listen({
    hostname: '127.0.0.1',
    port: 0,
    idleTimeoutMs: 60_000,
    frameBytesMax: 1000,
    bufferBytesMax: 100_000,
    answer,
  });
  return `127.0.0.1:${listener.port}`;
}

/** Sends these bytes and returns all that comes until the end. */
function exchange(host: string, bytes: string): Promise<string> {
  const [hostname, port] = host.split(':');
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

/** Echoes what it gets, and keeps how it ended. */
class Echo implements SocketOwner {
  readonly ended = Promise.withResolvers<number>();
  opened(): void {}
  received(socket: Socket, bytes: Uint8Array): void {
    socket.send(bytes);
  }
  drained(): void {}
  closed(_socket: Socket, code: number): void {
    this.ended.resolve(code);
  }
}

async function open(host: string): Promise<WebSocket> {
  const socket = new WebSocket(`ws://${host}/`);
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  return socket;
}

describe('a request', () => {
  test('is answered, and its address is told', async () => {
    const host = start((request, address) => new Response(`${new URL(request.url).pathname} ${address}`));
    expect(await (await fetch(`http://${host}/a`)).text()).toBe('/a 127.0.0.1');
  });

  test('without a host that can be one is refused before anybody looks at its URL', async () => {
    const host = start((request) => new Response(new URL(request.url).pathname));
    for (const head of ['GET / HTTP/1.0', 'GET / HTTP/1.1\r\nConnection: close\r\nHost: a b'])
      expect(await exchange(host, `${head}\r\n\r\n`)).toStartWith('HTTP/1.1 400 ');
  });

  test('for a WebSocket without an upgrade is told what is missing', async () => {
    const host = start(() => new Echo());
    expect((await fetch(`http://${host}/`)).status).toBe(426);
  });
});

describe('a WebSocket', () => {
  test('carries binary messages to its owner and back', async () => {
    const socket = await open(start(() => new Echo()));
    const answer = new Promise<MessageEvent>((resolve) => socket.addEventListener('message', resolve));
    socket.send(Uint8Array.of(1, 2, 3));
    expect(new Uint8Array((await answer).data as ArrayBuffer)).toEqual(Uint8Array.of(1, 2, 3));
  });

  test('that sends text, or more than a frame may hold, is closed with the code that says so', async () => {
    for (const [message, code] of [
      ['text', 1003],
      [new Uint8Array(2000), 1006],
    ] as const) {
      const owner = new Echo();
      const socket = await open(start(() => owner));
      socket.send(message);
      expect(await owner.ended.promise).toBe(code);
      await listener!.close();
    }
  });
});
