/** The client's service on a real bus, called by another implementation than its own. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, Variant, type MessageBus } from 'dbus-native';
import { customMessage } from '@lovely/protocol';
import { removeTemporaryFolders, temporaryFolder } from '../../test/folder.ts';
import { LocalRig } from '../../test/local-rig.ts';
import { DBUS_DAEMON, TestBus } from '../../test/test-bus.ts';
import { until } from '../../test/until.ts';
import { systemClock } from '../clock.ts';
import { INTERFACE } from '../local/interface.ts';
import type { DriverStep } from '../update/sensors/driver.ts';
import { CLIENT_PATH } from './client-object.ts';
import { serveBus } from './serve.ts';
import { busService } from './service.ts';

let bus: TestBus;
let rig: LocalRig;
let stopping: AbortController;
let serving: Promise<void>;
let programs: Program[];
let warnings: string[];

/** A program on the gateway. */
class Program {
  readonly signals: { member: string; body: unknown[] }[] = [];
  readonly #bus: MessageBus;

  constructor() {
    this.#bus = createClient({ busAddress: bus.address, fdTransport: false });
    this.#bus.connection.on('error', () => undefined);
    this.#bus.connection.on('message', ({ type, interface: from, member = '', body = [] }) => {
      if (type === 4 && from === INTERFACE) this.signals.push({ member, body });
    });
    programs.push(this);
  }

  async call(member: string, signature = '', body: unknown[] = [], where: object = {}): Promise<unknown> {
    const message = { destination: INTERFACE, path: CLIENT_PATH, interface: INTERFACE, member, ...where };
    return await this.#bus.invoke(signature === '' ? message : { ...message, signature, body });
  }

  async register(sensor: string): Promise<unknown> {
    return await this.call('RegisterSensor', 'sa{sv}', [sensor, { kind: 'oven' }]);
  }

  async watch(): Promise<void> {
    await this.#bus.addMatch(`type='signal',interface='${INTERFACE}'`);
  }

  async signalled(member: string): Promise<unknown[]> {
    await until(() => this.signals.some((signal) => signal.member === member));
    return this.signals.find((signal) => signal.member === member)!.body;
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }
}

/** The D-Bus name of the error that a call ends with; '' for none. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => '',
    (error: { dbusName?: string }) => error.dbusName?.replace(`${INTERFACE}.Error.`, '') ?? 'no D-Bus error',
  );
}

async function serve(): Promise<void> {
  stopping = new AbortController();
  const options = { address: bus.address, service: busService(rig.api), clock: systemClock, random: () => 0 };
  warnings = [];
  const log = { info: () => undefined, warn: (event: string) => void warnings.push(event) };
  serving = serveBus({ ...options, log }, stopping.signal);
  await isServed();
}

async function isServed(): Promise<void> {
  for (const program = new Program(); ; await Bun.sleep(5))
    if ((await errorOf(program.call('Ping', '', [], { interface: 'org.freedesktop.DBus.Peer' }))) === '') break;
}

afterAll(removeTemporaryFolders);

describe.skipIf(!DBUS_DAEMON)('io.lovely.Client1', () => {
  beforeEach(async () => {
    programs = [];
    rig = new LocalRig(temporaryFolder());
    bus = await TestBus.start();
    await serve();
  });
  afterEach(async () => {
    await Promise.all(programs.map((program) => program.close()));
    stopping.abort();
    await serving;
    await bus.stop();
  });

  test('describes itself as the file for programs does', async () => {
    const where = { interface: 'org.freedesktop.DBus.Introspectable' };
    const document = await new Program().call('Introspect', '', [], where);
    const file = join(import.meta.dir, '../../../../deploy/dbus/io.lovely.Client1.xml');
    expect(document).toBe(readFileSync(file, 'utf8'));
    const above = await new Program().call('Introspect', '', [], { ...where, path: '/io' });
    expect(above).toContain('<node name="lovely"/>');
  });

  test('takes sensors, what they measure and their alerts', async () => {
    const program = new Program();
    const properties = { kind: 'oven', name: 'Oven', model: 'O 1', serial: '7', firmware: '1.2', place: 'kitchen' };
    await program.call('RegisterSensor', 'sa{sv}', ['oven-1', properties]);
    expect(rig.topology).toEqual([{ id: 'oven-1', ...properties }]);
    const values = {
      'oven.celsius': 180.5,
      'oven.state': 'heating',
      'door.open': false,
      'energy.wattHours': new Variant('t', 12_345_678_901n),
    };
    await program.call('ReportStatus', 'sa{sv}', ['oven-1', values]);
    await program.call('ReportStatus', 'sa{sv}', ['oven-1', { 'door.open': true }]);
    expect(rig.observed.at(-1)).toEqual({
      source: 'oven-1',
      values: { ...values, 'energy.wattHours': 12_345_678_901, 'door.open': true },
    });
    const alert = ['oven-1', 'too-hot', 'critical', 'The oven is too hot', { value: 290 }];
    await program.call('RaiseAlert', 'ssssa{sv}', alert);
    await program.call('RaiseAlert', 'ssssa{sv}', alert);
    await program.call('ClearAlert', 'ss', ['oven-1', 'too-hot']);
    await program.call('ClearAlert', 'ss', ['oven-1', 'too-hot']);
    expect(rig.alerts).toEqual(['+too-hot', '-too-hot']);
    rig.watched.add('watched');
    expect(await errorOf(program.call('RaiseAlert', 'ssssa{sv}', ['oven-1', 'watched', 'warning', '', {}]))).toBe(
      'RuleIsWatched',
    );
    await program.call('RaiseAlert', 'ssssa{sv}', alert);
    await program.call('UnregisterSensor', 's', ['oven-1']);
    expect(rig.alerts).toEqual(['+too-hot', '-too-hot', '+too-hot', '-too-hot']);
    expect(rig.topology).toEqual([]);
  });

  test('answers with an error when something goes wrong in the client itself, says so in its log, and goes on', async () => {
    const program = new Program();
    const send = (): Promise<unknown> => program.call('Send', 'qay', [0x1234, Buffer.from('x')]);
    rig.fault = new TypeError('undefined is not a function');
    const error = await send().then(
      () => undefined,
      (reason: { dbusName: string; message: string }) => reason,
    );
    expect(error?.dbusName).toBe('org.freedesktop.DBus.Error.Failed');
    expect(error?.message).not.toContain('undefined is not');
    expect(warnings).toEqual(['a call of a program failed']);
    rig.fault = undefined;
    expect(await errorOf(send())).toBe('');
  });

  test('lets one program speak for a sensor, and when it has left another of the same user', async () => {
    const [first, second] = [new Program(), new Program()];
    await first.register('oven-1');
    expect(await errorOf(second.register('oven-1'))).toBe('NotYours');
    expect(await errorOf(second.call('ReportStatus', 'sa{sv}', ['oven-1', {}]))).toBe('NotYours');
    expect(await errorOf(second.call('ReportStatus', 'sa{sv}', ['oven-2', {}]))).toBe('UnknownSensor');
    await first.close();
    await until(() => !rig.api.isPresent('oven-1'));
    await second.call('ReportStatus', 'sa{sv}', ['oven-1', { a: 1 }]);
    await second.register('oven-1');
    expect(rig.api.isPresent('oven-1')).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('keeps the sensors of one user from the programs of another', async () => {
    await new Program().register('oven-1');
    await Promise.all(programs.splice(0).map((program) => program.close()));
    const busctl = ['busctl', 'call', INTERFACE, CLIENT_PATH, INTERFACE];
    const as = async (uid: number, ...args: string[]): Promise<string> => {
      const command = ['setpriv', `--reuid=${uid}`, '--clear-groups', ...busctl, ...args];
      const env = { DBUS_SYSTEM_BUS_ADDRESS: bus.address, PATH: '/usr/bin:/bin' };
      return await new Response(Bun.spawn(command, { env, stderr: 'pipe' }).stderr).text();
    };
    chmodSync(bus.folder, 0o755);
    const [nobody, root] = [65534, 0];
    expect(await as(nobody, 'ReportStatus', 'sa{sv}', 'oven-1', '0')).toContain("another user's program");
    expect(await as(nobody, 'RegisterSensor', 'sa{sv}', 'oven-1', '1', 'kind', 's', 'x')).toContain("another user's");
    expect(await as(root, 'ReportStatus', 'sa{sv}', 'oven-1', '0')).toBe('');
    expect(await as(nobody, 'RegisterSensor', 'sa{sv}', 'oven-2', '1', 'kind', 's', 'x')).toBe('');
    expect(await as(root, 'ReportStatus', 'sa{sv}', 'oven-2', '0')).toContain("another user's program");
    expect(await as(root, 'UnregisterSensor', 's', 'oven-2')).toBe('');
  });

  test('hands commands to the program of the sensor, and what it prints back', async () => {
    const program = new Program();
    const { signal } = new AbortController();
    const run = async (sensor: string) =>
      await rig.api.runCommand({ sensor, run: 'r1', name: 'off', parameters: { after: 5 } }, output.push, signal);
    const output = { text: '', push: (bytes: Uint8Array) => void (output.text += new TextDecoder().decode(bytes)) };
    expect(await run('oven-1')).toEqual({ kind: 'unknown-sensor' });
    await program.register('oven-1');
    const ended = run('oven-1');
    const [sensor, name, command, parameters] = await program.signalled('CommandRequested');
    expect([sensor, name, command, parameters]).toEqual(['oven-1', 'r1', 'off', { after: 5 }]);
    expect(await errorOf(new Program().call('CommandDone', 'sis', ['r1', 0, '']))).toBe('UnknownRun');
    await program.call('CommandOutput', 'say', ['r1', Buffer.from('switching ')]);
    await program.call('CommandOutput', 'say', ['r1', Buffer.from('off')]);
    await program.call('CommandDone', 'sis', ['r1', 3, 'it is off']);
    expect(await ended).toEqual({ kind: 'done', exit: 3, message: 'it is off' });
    expect(output.text).toBe('switching off');
    expect(await errorOf(program.call('CommandDone', 'sis', ['r1', 0, '']))).toBe('UnknownRun');
    const left = run('oven-1');
    await program.close();
    expect(await left).toEqual({ kind: 'left' });
    expect(await run('oven-1')).toEqual({ kind: 'absent' });
  });

  test('tells the program of a sensor alone what concerns it', async () => {
    const [program, other] = [new Program(), new Program()];
    await other.watch();
    await program.register('oven-1');
    rig.api.configure('oven-1', { target: 180, mode: 'fan' });
    rig.api.configure('oven-1', { target: 180, mode: 'fan' });
    expect(await program.signalled('ConfigurationChanged')).toEqual(['oven-1', { target: 180, mode: 'fan' }]);
    expect(await program.call('GetConfiguration', 's', ['oven-1'])).toEqual({ target: 180, mode: 'fan' });
    const stop = new AbortController();
    const ended = rig.api.runCommand(
      { sensor: 'oven-1', run: 'r', name: 'n', parameters: {} },
      () => undefined,
      stop.signal,
    );
    await program.signalled('CommandRequested');
    stop.abort();
    expect(await program.signalled('CommandCancelled')).toEqual(['oven-1', 'r']);
    expect(await ended).toEqual({ kind: 'cancelled' });
    expect(program.signals.filter(({ member }) => member === 'ConfigurationChanged')).toHaveLength(1);
    rig.api.connected({} as never);
    expect(await other.signalled('ConnectedChanged')).toEqual([true]);
    expect(other.signals.map(({ member }) => member)).toEqual(['ConnectedChanged']);
  });

  test('hands steps of updates to the program of the sensor, with the firmware, and what came of them back', async () => {
    const [program, other] = [new Program(), new Program()];
    const path = join(temporaryFolder(), 'bulb.bin');
    const content = randomBytes(100_000);
    writeFileSync(path, content);
    const steps: unknown[] = [];
    const ask = async (step: DriverStep, { signal } = new AbortController()) =>
      await rig.api.askProgram(
        {
          step,
          update: 'd1/0/oven-1',
          sensor: { id: 'oven-1', kind: 'oven', name: '', model: '', serial: '', firmware: '1.0', place: '' },
          version: '2.0',
          firmwareBefore: '1.0',
          files: [{ name: 'bulb.bin', path, bytes: content.length, sha256: 'ab' }],
          workDir: '/nowhere',
          timeoutMs: 60_000,
        },
        { progress: (percent) => void steps.push(percent), log: (message) => void steps.push(message) },
        signal,
      );
    expect(await ask('describe')).toMatchObject({ kind: 'later' });
    await program.register('oven-1');
    const asked = async (step: string): Promise<string> => {
      await until(() => program.signals.some(({ body }) => body[2] === step));
      return program.signals.find(({ body }) => body[2] === step)!.body[1] as string;
    };
    const described = ask('describe');
    const run = await asked('describe');
    expect(program.signals.at(-1)!.body[3]).toMatchObject({
      version: '2.0',
      firmwareBefore: '1.0',
      timeoutSeconds: 60,
      files: 1,
      'file.0.name': 'bulb.bin',
      'file.0.path': path,
      'file.0.bytes': 100_000,
    });
    expect(await errorOf(other.call('UpdateDone', 'sssa{sv}', [run, 'done', '', {}]))).toBe('UnknownRun');
    expect(await errorOf(program.call('UpdateDone', 'sssa{sv}', [run, 'well', '', {}]))).toBe('InvalidArguments');
    await program.call('UpdateProgress', 'su', [run, 40]);
    const read = async (offset: number) =>
      (await program.call('ReadFirmware', 'ssuu', [run, 'bulb.bin', offset, 2 ** 31])) as Buffer;
    expect(Buffer.concat([await read(0), await read(65_536), await read(100_000), await read(2 ** 32 - 1)])).toEqual(
      content,
    );
    expect(await errorOf(program.call('ReadFirmware', 'ssuu', [run, '../bulb.bin', 0, 1]))).toBe('UnknownFile');
    await program.call('UpdateDone', 'sssa{sv}', [run, 'done', 'well', { firmware: '1.0' }]);
    expect(await described).toEqual({ kind: 'done', firmware: '1.0' });
    expect(steps).toEqual([40, 'well']);
    expect(await errorOf(program.call('UpdateProgress', 'su', [run, 50]))).toBe('UnknownRun');
    const transferred = ask('transfer');
    await program.call('UpdateDone', 'sssa{sv}', [await asked('transfer'), 'later', '', { retryAfterSeconds: 3600 }]);
    expect(await transferred).toMatchObject({ kind: 'later', retryAfterMs: 3_600_000 });
    const stopping = new AbortController();
    const verified = ask('verify', stopping);
    await asked('verify');
    stopping.abort();
    expect(await verified).toMatchObject({ kind: 'failed' });
    expect((await program.signalled('UpdateCancelled'))[0]).toBe('oven-1');
    const activated = ask('activate');
    await asked('activate');
    await program.close();
    expect(await activated).toEqual({ kind: 'failed', message: 'the program of the sensor went away' });
  });

  test('carries messages of protos that programs register, both ways', async () => {
    const [program, other] = [new Program(), new Program()];
    await program.call('RegisterProto', 'q', [0x1234]);
    expect(await errorOf(other.call('RegisterProto', 'q', [0x1234]))).toBe('ProtoTaken');
    expect(await errorOf(other.call('RegisterProto', 'q', [0x0100]))).toBe('InvalidArguments');
    expect([rig.api.takes(0x1234), rig.api.takes(0x1235)]).toEqual([true, false]);
    rig.api.handleMessage(customMessage(0x1234).frame({}, Uint8Array.of(0, 255)), {} as never);
    expect(await program.signalled('Received')).toEqual([0x1234, Buffer.from([0, 255])]);
    await other.call('Send', 'qay', [0x1234, Buffer.from([1, 2])]);
    const sent = rig.frames.at(-1)!;
    expect([sent.proto, [...customMessage(0x1234).read(sent).body]]).toEqual([0x1234, [1, 2]]);
    rig.mayTakeMessage = false;
    expect(await errorOf(other.call('Send', 'qay', [0x1234, Buffer.from([1, 2])]))).toBe('LimitReached');
    await program.close();
    await until(() => !rig.api.takes(0x1234));
  });

  test('has properties that can be read and not set', async () => {
    const where = { interface: 'org.freedesktop.DBus.Properties' };
    const program = new Program();
    rig.api.connected({} as never);
    rig.api.identified('house-7');
    expect(await program.call('GetAll', 's', [INTERFACE], where)).toEqual({ ...rig.api.properties });
    expect(await program.call('Get', 'ss', [INTERFACE, 'DeviceId'], where)).toBe('house-7');
    expect(await errorOf(program.call('Get', 'ss', [INTERFACE, 'constructor'], where))).toEndWith('UnknownProperty');
    const set = program.call('Set', 'ssv', [INTERFACE, 'DeviceId', new Variant('s', 'x')], where);
    expect(await errorOf(set)).toEndWith('PropertyReadOnly');
  });

  test('answers whatever it is called with, and goes on', async () => {
    const [hostile, good] = [new Program(), new Program()];
    await hostile.register('a');
    const refused: [string, Promise<unknown>][] = [
      ['org.freedesktop.DBus.Error.UnknownMethod', hostile.call('constructor')],
      ['org.freedesktop.DBus.Error.UnknownMethod', hostile.call('__proto__')],
      ['org.freedesktop.DBus.Error.UnknownMethod', hostile.call('Send', 'qay', [1, []], { interface: 'a.b' })],
      ['org.freedesktop.DBus.Error.UnknownObject', hostile.call('Send', 'qay', [1, []], { path: '/__proto__' })],
      ['InvalidArguments', hostile.call('RegisterSensor', 's', ['a'])],
      ['InvalidArguments', hostile.call('RegisterSensor', 'a{sv}s', [{}, 'a'])],
      ['InvalidArguments', hostile.call('RegisterSensor', 'sa{sv}', ['../../etc', { kind: 'x' }])],
      ['InvalidArguments', hostile.call('RegisterSensor', 'sa{sv}', ['b', {}])],
      ['InvalidArguments', hostile.call('RegisterSensor', 'sa{sv}', ['b', { kind: 'x', __proto: 'y' }])],
      ['InvalidArguments', hostile.call('RegisterSensor', 'sa{sv}', ['b', { kind: 'k'.repeat(200) }])],
      ['InvalidArguments', hostile.call('ReportStatus', 'sa{sv}', ['a', { x: new Variant('as', ['y']) }])],
      [
        'InvalidArguments',
        hostile.call('ReportStatus', 'sa{sv}', ['a', { x: new Variant('v', new Variant('s', 'y')) }]),
      ],
      ['InvalidArguments', hostile.call('ReportStatus', 'sa{sv}', ['a', { ['n'.repeat(300)]: 1 }])],
      ['InvalidArguments', hostile.call('ReportStatus', 'sa{sv}', ['a', { x: 'y'.repeat(1000) }])],
      ['InvalidArguments', hostile.call('RaiseAlert', 'ssssa{sv}', ['a', 'r', 'mild', '', {}])],
      ['InvalidArguments', hostile.call('RaiseAlert', 'ssssa{sv}', ['a', 'r\n', 'warning', '', {}])],
      ['org.freedesktop.DBus.Error.LimitsExceeded', hostile.call('Send', 'qay', [0x1000, Buffer.alloc(20 * 2 ** 20)])],
      ['org.freedesktop.DBus.Error.LimitsExceeded', hostile.call('Send', 'as', [Array(100_000).fill('x')])],
    ];
    for (const [error, call] of refused) expect(await errorOf(call)).toBe(error);
    const own = Object.fromEntries([['__proto__', 1]]);
    expect(await errorOf(hostile.call('ReportStatus', 'sa{sv}', ['a', own]))).toBe('InvalidArguments');
    await good.register('c');
  });

  test('holds back a program that calls too often, and no other', async () => {
    const [busy, calm] = [new Program(), new Program()];
    await busy.register('a');
    const report = async (): Promise<string> => await errorOf(busy.call('ReportStatus', 'sa{sv}', ['a', { x: 1 }]));
    const errors: string[] = [];
    // The bus itself lets no connection wait for more than 128 answers.
    for (let round = 0; round < 4; round++) errors.push(...(await Promise.all(Array.from({ length: 100 }, report))));
    expect([...new Set(errors)].sort()).toEqual(['', 'TooManyCalls']);
    expect(await errorOf(calm.register('b'))).toBe('');
  });

  test('has limits for sensors and protos', async () => {
    const program = new Program();
    for (let proto = 0; proto < 16; proto++) await program.call('RegisterProto', 'q', [0x1000 + proto]);
    expect(await errorOf(program.call('RegisterProto', 'q', [0x2000]))).toBe('LimitReached');
    for (let index = 0; index < 128; index++) await program.register(`s${index}`);
    expect(await errorOf(program.register('one-more'))).toBe('LimitReached');
    const many = Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`m${index}`, index]));
    expect(await errorOf(program.call('ReportStatus', 'sa{sv}', ['s1', many]))).toBe('InvalidArguments');
    await program.call('UnregisterProto', 'q', [0x1000]);
    await program.call('RegisterProto', 'q', [0x2000]);
  });

  test('comes back when the bus was restarted', async () => {
    await new Program().register('oven-1');
    await bus.stop();
    await until(() => !rig.api.isPresent('oven-1'));
    await bus.start();
    await isServed();
    const program = new Program();
    await program.register('oven-1');
    await program.call('ReportStatus', 'sa{sv}', ['oven-1', { a: 1 }]);
    expect(rig.observed.at(-1)?.source).toBe('oven-1');
  });
});
