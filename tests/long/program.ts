/** A program on a real gateway: raises and clears alerts over the client's socket and remembers what it was promised. */
import { createConnection, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

export const PROGRAM_SENSOR = 'bell';
const EVERY_MS = 150;
const RECONNECT_MS = 50;

export class Program {
  /** Rules of alerts that the client said it has raised, and that it has cleared. */
  readonly raised = new Set<string>();
  readonly cleared = new Set<string>();
  readonly #path: string;
  #isStopped = false;
  #count = 0;
  readonly #ended: Promise<void>;

  constructor(path: string) {
    this.#path = path;
    this.#ended = this.#run();
  }

  async close(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#tellUntilItBreaks();
      } catch {
        // The client was killed: what it had not answered may have happened or not.
        await Bun.sleep(RECONNECT_MS);
      }
    }
  }

  async #tellUntilItBreaks(): Promise<void> {
    const socket = createConnection(this.#path);
    try {
      const call = caller(socket);
      await call('RegisterSensor', { sensor: PROGRAM_SENSOR, properties: { kind: 'bell' } });
      while (!this.#isStopped) {
        const rule = `rings-${this.#count++}`;
        const raise = { sensor: PROGRAM_SENSOR, rule, severity: 'warning', description: rule, values: {} };
        await call('RaiseAlert', raise);
        this.raised.add(rule);
        await call('ClearAlert', { sensor: PROGRAM_SENSOR, rule });
        this.cleared.add(rule);
        await Bun.sleep(EVERY_MS);
      }
    } finally {
      socket.destroy();
    }
  }
}

/** Calls one method after the other; rejects when the connection breaks. */
function caller(socket: Socket): (method: string, args: object) => Promise<void> {
  let settle: { resolve(): void; reject(error: Error): void } | undefined;
  socket.on('error', (error) => settle?.reject(error));
  socket.on('close', () => settle?.reject(new Error('the client is gone')));
  createInterface({ input: socket })
    .on('line', (line) => {
      const { id, error } = JSON.parse(line) as { id?: number; error?: { message: string } };
      if (id === undefined) return;
      if (error) settle?.reject(new Error(error.message));
      else settle?.resolve();
    })
    .on('error', () => undefined);
  let id = 0;
  return (method, args) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      if (socket.destroyed) return reject(new Error('the client is gone'));
      socket.write(`${JSON.stringify({ id: ++id, method, arguments: args })}\n`);
    });
}
