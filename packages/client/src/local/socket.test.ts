/** The local API on a real socket, as a program without D-Bus sees it. */
import { afterAll, afterEach, beforeEach, expect, test } from 'bun:test';
import { statSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { customMessage } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { LocalRig } from '../../test/local-rig.ts';
import { until } from '../../test/until.ts';
import { silentLog } from '../log.ts';
import { serveSocket } from './socket.ts';

afterAll(removeTemporaryFolders);

type Message = { readonly [name: string]: unknown };

let path: string;
let rig: LocalRig;
let stopping: AbortController;
let serving: Promise<void>;
let programs: Program[];
let warnings: string[];

class Program {
  readonly messages: Message[] = [];
  readonly #socket: Socket;
  #rest = '';
  #id = 0;

  constructor() {
    this.#socket = connect(path);
    this.#socket.setEncoding('utf8');
    this.#socket.on('error', () => undefined);
    this.#socket.on('data', (text) => {
      const lines = (this.#rest + String(text)).split('\n');
      this.#rest = lines.pop()!;
      this.messages.push(...lines.map((line) => JSON.parse(line) as Message));
    });
    programs.push(this);
  }

  get isOpen(): boolean {
    return !this.#socket.closed;
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  async call(method: string, args?: Message): Promise<unknown> {
    const id = ++this.#id;
    this.write(`${JSON.stringify({ id, method, arguments: args })}\n`);
    const { result, error } = await this.#got((message) => message.id === id);
    return result ?? (error as { code: string }).code;
  }

  async signalled(signal: string): Promise<unknown> {
    return (await this.#got((message) => message.signal === signal)).arguments;
  }

  /** The codes of errors that belong to no request. */
  get refusals(): unknown[] {
    return this.messages.flatMap(({ id, error }) => (id === null ? [(error as { code: string }).code] : []));
  }

  close(): void {
    this.#socket.destroy();
  }

  async #got(is: (message: Message) => boolean): Promise<Message> {
    await until(() => this.messages.some(is));
    return this.messages.find(is)!;
  }
}

beforeEach(async () => {
  programs = [];
  const folder = temporaryFolder();
  path = join(folder, 'local.sock');
  rig = new LocalRig(folder);
  stopping = new AbortController();
  warnings = [];
  const log = { info: () => undefined, warn: (event: string) => void warnings.push(event) };
  serving = serveSocket(path, rig.api, log, stopping.signal);
  await until(() => statSync(path, { throwIfNoEntry: false }) !== undefined);
});
afterEach(async () => {
  for (const program of programs) program.close();
  stopping.abort();
  await serving;
});

test('takes sensors, what they measure and their alerts', async () => {
  const program = new Program();
  const sensor = 'oven-1';
  expect(await program.call('RegisterSensor', { sensor, properties: { kind: 'oven', place: 'kitchen' } })).toEqual({});
  expect(rig.topology).toMatchObject([{ id: sensor, kind: 'oven', place: 'kitchen', name: '' }]);
  await program.call('ReportStatus', { sensor, values: { 'oven.celsius': 180.5, 'door.open': false } });
  expect(rig.observed).toEqual([{ source: sensor, values: { 'oven.celsius': 180.5, 'door.open': false } }]);
  const alert = { sensor, rule: 'too-hot', severity: 'warning', description: 'Hot', values: { value: 290 } };
  await program.call('RaiseAlert', alert);
  await program.call('ClearAlert', { sensor, rule: 'too-hot' });
  expect(rig.alerts).toEqual(['+too-hot', '-too-hot']);
  const other = new Program();
  expect(await other.call('ReportStatus', { sensor, values: {} })).toBe('NotYours');
  program.close();
  await until(() => !rig.api.isPresent(sensor));
  expect(await other.call('ReportStatus', { sensor, values: {} })).toEqual({});
});

test('carries commands, configuration and messages', async () => {
  const program = new Program();
  const sensor = 'oven-1';
  await program.call('RegisterSensor', { sensor, properties: { kind: 'oven' } });
  let output = '';
  const ended = rig.api.runCommand(
    { sensor, run: 'r1', name: 'off', parameters: { after: 5 } },
    (bytes) => void (output += new TextDecoder().decode(bytes)),
    new AbortController().signal,
  );
  expect(await program.signalled('CommandRequested')).toEqual({
    sensor,
    run: 'r1',
    name: 'off',
    parameters: { after: 5 },
  });
  await program.call('CommandOutput', { run: 'r1', output: btoa('done') });
  await program.call('CommandDone', { run: 'r1', exit: 0, message: 'off' });
  expect([await ended, output]).toEqual([{ kind: 'done', exit: 0, message: 'off' }, 'done']);
  rig.api.configure(sensor, { target: 180 });
  expect(await program.signalled('ConfigurationChanged')).toEqual({ sensor, values: { target: 180 } });
  expect(await program.call('GetConfiguration', { sensor })).toEqual({ values: { target: 180 } });
  await program.call('RegisterProto', { proto: 0x1234 });
  rig.api.handleMessage(customMessage(0x1234).frame({}, Uint8Array.of(0, 255)), {} as never);
  expect(await program.signalled('Received')).toEqual({ proto: 0x1234, body: 'AP8=' });
  await program.call('Send', { proto: 0x1234, body: 'AQI=' });
  expect([...rig.frames.at(-1)!.body]).toEqual([1, 2]);
  rig.api.connected({} as never);
  expect(await program.signalled('ConnectedChanged')).toEqual({ connected: true });
  expect(await program.call('GetProperties')).toEqual({ ...rig.api.properties });
});

test('answers whatever it is sent, and goes on', async () => {
  const program = new Program();
  for (const line of ['', 'no JSON', '[]', 'null', '{"method":"constructor"}', '{"id":{},"method":7}'])
    program.write(`${line}\n`);
  await until(() => program.refusals.length === 5);
  expect(program.refusals).toEqual([
    'InvalidArguments',
    'InvalidArguments',
    'InvalidArguments',
    'UnknownMethod',
    'UnknownMethod',
  ]);
  program.write('x'.repeat(300_000));
  program.write('y\n');
  await until(() => program.refusals.at(-1) === 'TooLarge');
  const properties = { kind: 'oven' };
  expect(await program.call('RegisterSensor', { sensor: 'a' })).toBe('InvalidArguments');
  expect(await program.call('RegisterSensor', { sensor: 'a', properties, more: 1 })).toBe('InvalidArguments');
  expect(await program.call('RegisterSensor', { sensor: 'a', properties: { kind: null } })).toBe('InvalidArguments');
  expect(await program.call('Send', { proto: 1.5, body: '' })).toBe('InvalidArguments');
  expect(await program.call('Send', { proto: 0x1000, body: '%' })).toBe('InvalidArguments');
  expect(await program.call('RegisterSensor', { sensor: 'a', properties })).toEqual({});
  // A key that no message can have: it must not get as far as the spool.
  const values = { ['__proto__']: 1 };
  const alert = { sensor: 'a', rule: 'r', severity: 'warning', description: '', values };
  expect(await program.call('RaiseAlert', alert)).toBe('InvalidArguments');
  expect(await program.call('ReportStatus', { sensor: 'a', values })).toBe('InvalidArguments');
});

test('is for its user and group alone, and takes over what a killed client left', async () => {
  expect(statSync(path).mode & 0o777).toBe(0o660);
  const again = new AbortController();
  const second = serveSocket(path, rig.api, silentLog, again.signal);
  const program = new Program();
  expect(await program.call('GetProperties')).toMatchObject({ Connected: false });
  again.abort();
  await second;
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(serveSocket(file, rig.api, silentLog, again.signal)).rejects.toThrow('--socket');
});

test('a fault of the client answers one call with an error that gives nothing away, and goes into the log', async () => {
  const program = new Program();
  const sent = { proto: 0x1234, body: '' };
  rig.fault = new TypeError('undefined is not a function');
  expect(await program.call('Send', sent)).toBe('Failed');
  expect(JSON.stringify(program.messages)).not.toContain('undefined is not');
  expect(warnings).toEqual(['a call of a program failed']);
  rig.fault = undefined;
  expect(await program.call('Send', sent)).toEqual({});
});
