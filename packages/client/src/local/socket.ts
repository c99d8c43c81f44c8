/**
 * The local API on a Unix socket, for gateways without D-Bus: one JSON object a line, both ways.
 *
 *     → {"id": 1, "method": "ReportStatus", "arguments": {"sensor": "oven-1", "values": {"oven.celsius": 180}}}
 *     ← {"id": 1, "result": {}}   or   {"id": 1, "error": {"code": "UnknownSensor", "message": "…"}}
 *     ← {"signal": "CommandRequested", "arguments": {"sensor": "oven-1", "run": "…", "name": "off", "parameters": {}}}
 *     → {"id": 2, "method": "GetProperties"}
 *
 * Methods, signals and their arguments are those of D-Bus (interface.ts); bytes are base64. Whoever may open the socket's
 * file may call, and all of them are one user.
 */
import { chmodSync, lstatSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { isDiskError } from '../atomic-file.ts';
import { ClientError, describeError } from '../error.ts';
import { LOCAL_CALL_BYTES_MAX, LOCAL_CALLERS_MAX, LOCAL_SOCKET_BUFFERED_BYTES_MAX } from '../limits.ts';
import type { Log } from '../log.ts';
import type { Caller } from './caller.ts';
import { METHODS, SIGNALS, type Arguments, type SignalName, type Told, type Type, type Values } from './interface.ts';
import { isMethod, type LocalApi } from './local-api.ts';
import { LocalError, type LocalErrorCode } from './local-error.ts';

const MODE = 0o660;

/** Serves until `signal` is aborted. Rejects with ClientError when the path can't be listened at. */
export async function serveSocket(path: string, api: LocalApi, log: Log, signal: AbortSignal): Promise<void> {
  removeLeftover(path);
  const programs = new Set<Program>();
  const server = createServer((socket) => {
    if (programs.size >= LOCAL_CALLERS_MAX) return void socket.destroy();
    const program = new Program(socket, api, log, () => void programs.delete(program));
    programs.add(program);
  });
  await listen(server, path);
  chmodSync(path, MODE);
  log.info('listening for programs', { socket: path });
  let wasConnected = api.properties.Connected;
  const stopListening = api.listen(({ Connected }) => {
    if (Connected === wasConnected) return;
    wasConnected = Connected;
    for (const program of programs) program.tell('ConnectedChanged', { connected: Connected });
  });
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  stopListening();
  for (const program of programs) program.close();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
}

/** One connection. */
class Program implements Caller {
  readonly user = 'socket';
  readonly isRoot = false;
  readonly name = 'socket';
  readonly #socket: Socket;
  readonly #api: LocalApi;
  readonly #log: Log;
  #rest = '';
  /** The line that is coming is too long: all of it is thrown away. */
  #isSkipping = false;

  constructor(socket: Socket, api: LocalApi, log: Log, closed: () => void) {
    this.#socket = socket;
    this.#api = api;
    this.#log = log;
    socket.setEncoding('utf8');
    socket.on('data', (text) => this.#take(String(text)));
    // A program that breaks off has left, whatever the reason.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      closed();
      api.left(this);
    });
  }

  tell<S extends SignalName>(signal: S, told: Told<S>): void {
    this.#send({ signal, arguments: write(SIGNALS[signal], told) });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      if (this.#isSkipping) this.#isSkipping = false;
      else if (line.length > LOCAL_CALL_BYTES_MAX) this.#refuse(null, tooLarge());
      else if (line.trim() !== '') this.#answer(line);
    }
    if (this.#rest.length <= LOCAL_CALL_BYTES_MAX) return;
    if (!this.#isSkipping) this.#refuse(null, tooLarge());
    this.#isSkipping = true;
    this.#rest = '';
  }

  #answer(line: string): void {
    let id: unknown = null;
    try {
      const request = objectIn(parse(line), 'a line');
      id = ['string', 'number'].includes(typeof request.id) ? request.id : null;
      const { method } = request;
      if (method === 'GetProperties') return this.#send({ id, result: this.#api.properties });
      if (typeof method !== 'string' || !isMethod(method))
        throw new LocalError('UnknownMethod', `there is no method ${JSON.stringify(method)}`);
      const { takes, gives } = METHODS[method];
      const taken = read(takes, objectIn(request.arguments ?? {}, 'arguments'));
      const given = this.#api.call(this, method, taken as never, line.length);
      this.#send({ id, result: write(gives, given) });
    } catch (error) {
      if (error instanceof LocalError) return this.#refuse(id, error);
      // What goes wrong in the client itself costs one call its answer, and nobody the client.
      this.#log.warn('a call of a program failed', { program: this.name, reason: describeError(error) });
      this.#refuse(id, { code: 'Failed', message: 'the client could not carry this out' });
    }
  }

  #refuse(
    id: unknown,
    { code, message }: { readonly code: LocalErrorCode | 'Failed'; readonly message: string },
  ): void {
    this.#send({ id, error: { code, message } });
  }

  /** A program that doesn't read what it is sent is no program to wait for. */
  #send(message: object): void {
    if (this.#socket.writableLength > LOCAL_SOCKET_BUFFERED_BYTES_MAX) this.#socket.destroy();
    else if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }
}

function read(args: Arguments, given: { readonly [name: string]: unknown }): { [name: string]: unknown } {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(args, name));
  if (unknown !== undefined) throw invalid(`there is no argument ${JSON.stringify(unknown)}`);
  return Object.fromEntries(Object.entries(args).map(([name, type]) => [name, readOne(name, type, given[name])]));
}

const INTEGERS: { readonly [T in Type]?: readonly [min: number, max: number] } = {
  q: [0, 0xffff],
  u: [0, 0xffff_ffff],
  i: [-0x8000_0000, 0x7fff_ffff],
};

function readOne(name: string, type: Type, value: unknown): unknown {
  const range = INTEGERS[type];
  if (range) {
    if (Number.isInteger(value) && Number(value) >= range[0] && Number(value) <= range[1]) return value;
    throw invalid(`${name}: an integer from ${range[0]} to ${range[1]}`);
  }
  if (type === 'b') return typed(name, value, 'boolean');
  if (type === 's') return typed(name, value, 'string');
  if (type === 'ay') return bytesIn(name, typed(name, value, 'string') as string);
  return valuesIn(name, value);
}

function typed(name: string, value: unknown, type: 'boolean' | 'string'): unknown {
  if (typeof value === type) return value;
  throw invalid(`${name}: a ${type}`);
}

function bytesIn(name: string, text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw invalid(`${name}: bytes as base64`);
  return Buffer.from(text, 'base64');
}

function valuesIn(name: string, value: unknown): Values {
  const entries = Object.entries(objectIn(value, name));
  for (const [key, held] of entries)
    if (!['string', 'number', 'boolean'].includes(typeof held))
      throw invalid(`${name}, ${JSON.stringify(key)}: a text, a number or a boolean`);
  return Object.fromEntries(entries) as Values;
}

function write(args: Arguments, values: object): object {
  const entries = Object.entries(values).map(([name, value]) => [
    name,
    args[name] === 'ay' ? Buffer.from(value as Uint8Array).toString('base64') : value,
  ]);
  return Object.fromEntries(entries) as object;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalid('a line is not JSON');
  }
}

function objectIn(value: unknown, what: string): { readonly [name: string]: unknown } {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as { readonly [name: string]: unknown };
  throw invalid(`${what}: a JSON object`);
}

function invalid(message: string): LocalError {
  return new LocalError('InvalidArguments', message);
}

function tooLarge(): LocalError {
  return new LocalError('TooLarge', `a line has at most ${LOCAL_CALL_BYTES_MAX} characters`);
}

/** A socket that a killed client left behind; anything else at the path is not ours to remove. */
function removeLeftover(path: string): void {
  try {
    if (lstatSync(path).isSocket()) rmSync(path);
  } catch (error) {
    if (!isDiskError(error)) throw error;
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new ClientError('bad-setting', `--socket: ${path} can't be listened at`, { cause })),
    );
    server.listen(path, resolve);
  });
}
