/** What gateways tell, from their socket to what people see: order, counts, wrong clocks and limits. */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { getDeviceStatus, listAlerts, type Metric } from '@lovely/api';
import {
  alertBatch,
  alertClear,
  alertRaise,
  controlAck,
  controlClock,
  controlError,
  controlHello,
  controlWelcome,
  encodeFrame,
  statusReport,
  type Frame,
} from '@lovely/protocol';
import { TestServer } from './harness/server.ts';
import { until } from './harness/wait.ts';
import { FrameSocket } from './mender/frame-socket.ts';
import { DEVICE_CONNECT, joinDevice, type JoinedDevice } from './mender/joined-device.ts';

const HOUR_MS = 3_600_000;
/** How much a test may take between a time that it names and the look at what became of it. */
const SLACK_MS = 30_000;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
}, 60_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A gateway on a raw socket; `nowMs` is what its clock says. */
class Told implements AsyncDisposable {
  readonly device: JoinedDevice;
  readonly #socket: FrameSocket;
  #nextId = 1;

  private constructor(device: JoinedDevice, socket: FrameSocket) {
    this.device = device;
    this.#socket = socket;
  }

  static async start(nowMs?: number): Promise<Told> {
    const device = await joinDevice(server);
    const socket = await FrameSocket.open(server, DEVICE_CONNECT, { authorization: `Bearer ${device.token}` });
    const hello = { client: 'test', version: '1', epoch: 0, protocols: [256, 257] };
    socket.send(controlHello.frame({}, nowMs === undefined ? hello : { ...hello, nowMs }));
    await socket.next('the welcome', (one) => controlWelcome.is(one));
    return new Told(device, socket);
  }

  id(): number {
    return this.#nextId++;
  }

  send(frame: Frame): void {
    this.#socket.send(frame);
  }

  /** Sends and waits until all ids so far are acknowledged. */
  async tell(frame: Frame): Promise<void> {
    this.send(frame);
    await this.delivered();
  }

  async delivered(): Promise<void> {
    const acknowledged = new Set<number>();
    await until('all is acknowledged', () => {
      for (const one of this.#socket.received)
        if (controlAck.is(one)) for (const id of controlAck.read(one).body.ids) acknowledged.add(id);
      return acknowledged.size === this.#nextId - 1;
    });
  }

  async status(tsMs: number, values: Record<string, number>, source = ''): Promise<void> {
    await this.tell(statusReport.frame({ id: this.id() }, [{ ts: tsMs, source, values }]));
  }

  async metrics(): Promise<Metric[]> {
    return (await server.call(getDeviceStatus, { params: { id: this.device.id } })).metrics;
  }

  async alerts(): Promise<{ source: string; count: number; isOpen: boolean; openedMs: number }[]> {
    const { items } = await server.call(listAlerts, { query: { deviceId: this.device.id, limit: 500 } });
    return items.map(({ source, count, closedAt, openedAt }) => ({
      source,
      count,
      isOpen: closedAt === null,
      openedMs: Date.parse(openedAt),
    }));
  }

  errors(): (string | undefined)[] {
    return this.#socket.received.filter((one) => controlError.is(one)).map((one) => controlError.read(one).body.reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket[Symbol.asyncDispose]();
  }
}

const raise = (id: number, source: string, ts = Date.now()): Frame =>
  alertRaise.frame({ id }, { ts, source, rule: 'rings', severity: 'warning', description: 'It rings.', values: {} });
const clear = (id: number, source: string): Frame =>
  alertClear.frame({ id }, { ts: Date.now(), source, rule: 'rings' });
const batch = (frames: readonly Frame[]): Frame => alertBatch.frame({}, frames.map(encodeFrame));

test('ten thousand equal events at once are one alert that counts them', async () => {
  await using told = await Told.start();
  for (let sent = 0; sent < 10_000; sent += 500)
    told.send(batch(Array.from({ length: 500 }, () => raise(told.id(), 'bell'))));
  await told.delivered();
  expect(await told.alerts()).toMatchObject([{ source: 'bell', count: 10_000, isOpen: true }]);
  await told.tell(batch([raise(1, 'bell'), raise(2, 'bell'), clear(told.id(), 'bell')]));
  expect(await told.alerts()).toMatchObject([{ source: 'bell', count: 10_000, isOpen: false }]);
});

test('a batch is applied in its order, each message in it acknowledged, what is no alert refused', async () => {
  await using told = await Told.start();
  const id = () => told.id();
  await told.tell(
    batch([
      raise(id(), 'a'),
      clear(id(), 'a'),
      raise(id(), 'b'),
      statusReport.frame({ id: id() }, []),
      clear(id(), 'c'),
      alertRaise.frame(
        { id: id() },
        { ts: 1, source: 'd', rule: 'rings', severity: 'critical', description: '', values: {}, count: 7 },
      ),
    ]),
  );
  const alerts = (await told.alerts()).toSorted((one, other) => (one.source < other.source ? -1 : 1));
  expect(alerts).toMatchObject([
    { source: 'a', isOpen: false },
    { source: 'b', isOpen: true },
    { source: 'd', isOpen: true, count: 7 },
  ]);
  expect(told.errors()).toEqual(['bad-frame']);
});

test.each([
  ['wakes up in 1970', () => 60_000],
  ['runs an hour ahead', () => Date.now() + HOUR_MS],
  ['is a year behind', () => Date.now() - 365 * 24 * HOUR_MS],
])('of a gateway whose clock %s, times are corrected and keep their distance', async (_, clock) => {
  const nowMs = clock();
  await using told = await Told.start(nowMs);
  await told.status(nowMs - 10_000, { a: 1 });
  await told.status(nowMs, { b: 2 });
  await told.tell(raise(told.id(), 'bell', nowMs - 5_000));
  const [a, b] = (await told.metrics()).map(({ ts }) => Date.parse(ts));
  expect(Math.abs(Date.now() - b!)).toBeLessThan(SLACK_MS);
  expect(b! - a!).toBe(10_000);
  const [alert] = await told.alerts();
  expect(alert!.openedMs - a!).toBe(5_000);
});

test('a clock that is set while the gateway is connected is followed, and what another clock stamped gets no future', async () => {
  await using told = await Told.start(60_000);
  await told.status(59_000, { a: 1 });
  const nowMs = Date.now();
  await told.tell(controlClock.frame({}, { nowMs }));
  await told.status(nowMs, { a: 2, b: 2 });
  await told.status(62_000, { c: 3 });
  await told.tell(controlClock.frame({}, { nowMs: nowMs + HOUR_MS }));
  await told.status(nowMs + HOUR_MS, { b: 3 });
  const metrics = await told.metrics();
  expect(metrics.map(({ value }) => value)).toEqual([2, 3, 3]);
  for (const { ts } of metrics) expect(Math.abs(Date.now() - Date.parse(ts))).toBeLessThan(SLACK_MS);
});

test('a gateway without a word about its clock is believed, but for what can not be', async () => {
  await using told = await Told.start();
  const nowMs = Date.now();
  await told.status(nowMs - HOUR_MS, { a: 1 });
  await told.status(nowMs + HOUR_MS, { b: 1 });
  await told.status(1000, { c: 1 });
  const [a, b, c] = (await told.metrics()).map(({ ts }) => Date.parse(ts));
  expect(a).toBe(nowMs - HOUR_MS);
  for (const ts of [b!, c!]) expect(Math.abs(Date.now() - ts)).toBeLessThan(SLACK_MS);
});

test('a source with too many metrics is told once, and goes on with those it has', async () => {
  await using told = await Told.start();
  for (let from = 0; from < 768; from += 256)
    await told.status(Date.now(), Object.fromEntries(Array.from({ length: 256 }, (_, at) => [`m${from + at}`, 1])));
  await told.status(Date.now(), { another: 1, m0: 2 });
  const metrics = await told.metrics();
  expect(metrics).toHaveLength(512);
  expect(metrics[0]).toMatchObject({ name: 'm0', value: 2 });
  await until('it is told', () => told.errors().length > 0);
  expect(told.errors()).toEqual(['too-many-values']);
});
