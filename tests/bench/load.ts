// A process full of connections, told over IPC what to do. Several of them make the load of a benchmark.
import { readFileSync } from 'node:fs';
import {
  controlAck,
  controlHello,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  statusReport,
  updateOffer,
  updateProvides,
} from '@lovely/protocol';

export type LoadCommand =
  /** Opens a connection for each token; a server that asks for none ignores it. */
  | { readonly kind: 'open'; readonly url: string; readonly caFile: string; readonly tokens: readonly string[] }
  /** Says hello on every connection, sends one status message, and waits for its ack. */
  | { readonly kind: 'speak' }
  /** Sends status messages on the first `connections`, each with `unacked` on the way at any time. */
  | { readonly kind: 'send'; readonly connections: number; readonly unacked: number; readonly reports: number }
  /** Sends no more and waits for what is on the way. */
  | { readonly kind: 'finish' }
  /** Says on every connection what it runs, and waits for the ack. */
  | { readonly kind: 'provide'; readonly deviceType: string }
  | { readonly kind: 'count' }
  | { readonly kind: 'close' };

export interface LoadAnswer {
  readonly open: number;
  readonly acked: number;
  readonly refused: number;
  /** Connections that were offered an update, and when the first and the last of them were. */
  readonly offers: number;
  readonly firstOfferMs: number;
  readonly lastOfferMs: number;
}

const OPENING_AT_ONCE = 48;
/** A hub passes over what a device sends beyond its rate: what is not acknowledged by then never is. */
const SILENCE_MS = 30_000;
const HELLO = encodeFrame(
  controlHello.frame(
    {},
    { client: 'bench', version: '1', epoch: 0, protocols: [PROTO.status, PROTO.alert, PROTO.inventory] },
  ),
);

class Connection {
  readonly socket: WebSocket;
  readonly ended: Promise<void>;
  #nextId = Math.floor(Math.random() * 2 ** 48);
  #unacked = 0;
  #reports = 0;
  #acked: () => void = () => undefined;
  #isOffered = false;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.#receive(new Uint8Array(data as ArrayBuffer)));
    this.ended = new Promise((resolve) => socket.addEventListener('close', () => resolve()));
  }

  async speak(): Promise<void> {
    this.socket.send(HELLO);
    this.#sendOne(1);
    await this.finish();
  }

  async provide(deviceType: string): Promise<void> {
    this.#unacked++;
    const values = { device_type: deviceType, artifact_name: 'bench-1' };
    this.socket.send(encodeFrame(updateProvides.frame({ id: this.#nextId++ }, { values })));
    await this.finish();
  }

  keepSending(unacked: number, reports: number): void {
    this.#reports = reports;
    while (this.#unacked < unacked) this.#sendOne(reports);
  }

  async finish(): Promise<void> {
    this.#reports = 0;
    while (this.#unacked > 0) {
      const isAcked = await Promise.race([
        new Promise<boolean>((resolve) => (this.#acked = () => resolve(true))),
        Bun.sleep(SILENCE_MS).then(() => false),
      ]);
      if (!isAcked)
        throw new Error(`${this.#unacked} messages of a connection were not acknowledged: are they too many?`);
    }
  }

  #sendOne(reports: number): void {
    this.#unacked++;
    const id = this.#nextId++;
    const batch = Array.from({ length: reports }, (_, at) => report(id, at));
    this.socket.send(encodeFrame(statusReport.frame({ id }, batch)));
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
    if (frame.proto === PROTO.control && frame.typ === 'error') counts.refused++;
    if (updateOffer.is(frame) && !this.#isOffered) {
      this.#isOffered = true;
      const nowMs = Date.now();
      counts.offers++;
      counts.firstOfferMs = Math.min(counts.firstOfferMs, nowMs);
      counts.lastOfferMs = nowMs;
    }
    if (!controlAck.is(frame)) return;
    const { ids } = controlAck.read(frame).body;
    counts.acked += ids.length;
    this.#unacked = Math.max(0, this.#unacked - ids.length);
    this.#acked();
    if (this.#reports > 0) for (const _ of ids) this.#sendOne(this.#reports);
  }
}

/** Four figures as a gateway reports them; they change with each message. */
function report(id: number, at: number) {
  const values = {
    'load.1m': (id % 97) / 10,
    'memory.usedPercent': 40 + (id % 31) / 2,
    'disk./.usedPercent': 50 + (id % 13),
    'uptime.seconds': id % 1_000_000,
  };
  return { ts: Date.now(), source: at === 0 ? '' : `sensor-${at}`, values };
}

const counts = { acked: 0, refused: 0, offers: 0, firstOfferMs: Number.MAX_SAFE_INTEGER, lastOfferMs: 0 };
let connections: Connection[] = [];

async function open(url: string, ca: string, token: string): Promise<Connection> {
  for (;;) {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, tls: { ca } });
    socket.binaryType = 'arraybuffer';
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.addEventListener('open', () => resolve(true));
      socket.addEventListener('close', () => resolve(false));
      socket.addEventListener('error', () => undefined);
    });
    if (isOpen) return new Connection(socket);
    // A hub lets only so many in at once.
    await Bun.sleep(200 + Math.random() * 400);
  }
}

async function carryOut(command: LoadCommand): Promise<void> {
  switch (command.kind) {
    case 'open': {
      const url = new URL('/api/devices/v1/deviceconnect/connect', command.url);
      url.protocol = 'wss:';
      const ca = readFileSync(command.caFile, 'utf8');
      const waiting = command.tokens.values();
      const openNext = async (): Promise<void> => {
        for (const token of waiting) connections.push(await open(url.href, ca, token));
      };
      await Promise.all(Array.from({ length: OPENING_AT_ONCE }, openNext));
      return;
    }
    case 'speak': {
      const waiting = connections.values();
      const speakNext = async (): Promise<void> => {
        for (const connection of waiting) await connection.speak();
      };
      await Promise.all(Array.from({ length: OPENING_AT_ONCE }, speakNext));
      return;
    }
    case 'provide': {
      const waiting = connections.values();
      const provideNext = async (): Promise<void> => {
        for (const connection of waiting) await connection.provide(command.deviceType);
      };
      await Promise.all(Array.from({ length: OPENING_AT_ONCE }, provideNext));
      return;
    }
    case 'send':
      for (const connection of connections.slice(0, command.connections))
        connection.keepSending(command.unacked, command.reports);
      return;
    case 'finish':
      await Promise.all(connections.map((connection) => connection.finish()));
      return;
    case 'count':
      return;
    case 'close': {
      const closing = connections;
      connections = [];
      for (const { socket } of closing) socket.close(1000);
      await Promise.all(closing.map(({ ended }) => ended));
      return;
    }
  }
}

process.on('message', (command: LoadCommand) => {
  void carryOut(command).then(() => {
    const answer: LoadAnswer = { open: connections.length, ...counts };
    process.send!(answer);
  });
});
