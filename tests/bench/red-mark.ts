/**
 * How long it takes from an alert on the device to the red mark in a real browser, with many devices connected.
 *
 *     bun tests/bench/red-mark.ts                       4,000 connections, 200 alerts
 *     bun tests/bench/red-mark.ts --connections 19000   as many as one hub process may hold here
 *
 * A device raises an alert and clears it again, in turns and at random moments. What is timed is the change of a mark's
 * colour that the page is told over its live channel, and the second frame that it paints after. Frames are drawn by the
 * CPU here, so the painting says more about the machine than about us.
 */
import { parseArgs } from 'node:util';
import {
  alertClear,
  alertRaise,
  controlAck,
  controlHello,
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  mapChanges,
  PROTO,
  type Frame,
} from '@lovely/protocol';
import { openBrowser, type TestBrowser } from '../harness/browser.ts';
import { joinDevices } from './devices.ts';
import { BENCH_ADMIN, Load, OurServer } from './machine.ts';
import { milliseconds, printQuantiles } from './table.ts';

const CONNECTIONS_A_PROCESS = 5_000;
const CONNECTIONS_MAX = 19_000;
const PLACED = 1_000;
const PLACING_AT_ONCE = 8;
const PAUSE_MS_MAX = 700;
const RULE = { source: '', rule: 'disk-almost-full' } as const;

const { values: flags } = parseArgs({
  options: { connections: { type: 'string', default: '4000' }, alerts: { type: 'string', default: '200' } },
});
const connections = Math.min(CONNECTIONS_MAX, Number(flags.connections));
const alerts = Number(flags.alerts);
if (!Number.isInteger(connections) || connections < 2 || !Number.isInteger(alerts) || alerts < 1)
  throw new Error('see the top of this file');

await using server = await OurServer.start();
await using load = new Load(Math.max(2, Math.ceil(connections / CONNECTIONS_A_PROCESS)));
say(`joining ${connections.toLocaleString('en')} devices`);
const [token = '', ...others] = await joinDevices(server, connections, say);
say(`placing ${Math.min(PLACED, connections).toLocaleString('en')} houses`);
await placeHouses([token, ...others.slice(0, PLACED - 1)].map(deviceOf));
say('connecting');
await load.open(server, others);
await load.tell('speak');
await using browser = await openBrowser(server.url);
const page = await watchMap(browser);
const device = await connect(token);
const figures = { acknowledged: [] as number[], told: [] as number[], painted: [] as number[] };
for (let at = 0; at < alerts * 2; at++) {
  await Bun.sleep(Math.random() * PAUSE_MS_MAX);
  const isRed = at % 2 === 0;
  const told = page.next(isRed);
  const sentMs = Date.now();
  const { ackedMs } = await device.send(isRed);
  const { toldMs, paintedMs } = await told;
  if (!isRed) continue;
  figures.acknowledged.push(ackedMs - sentMs);
  figures.told.push(toldMs - sentMs);
  figures.painted.push(paintedMs - sentMs);
}
device.close();
printQuantiles(`alert on a device, ${connections.toLocaleString('en')} connected, ${alerts} alerts`, [
  { what: 'acknowledged: stored for good', figures: figures.acknowledged, show: milliseconds },
  { what: 'the page knows the new colour', figures: figures.told, show: milliseconds, budget: 250 },
  { what: 'painted (by the CPU)', figures: figures.painted, show: milliseconds },
]);

/** Side by side around Turin, so that one view shows them all. */
async function placeHouses(ids: readonly string[]): Promise<void> {
  const management = await server.signIn();
  const waiting = ids.entries();
  const placeNext = async (): Promise<void> => {
    for (const [at, id] of waiting)
      await management.patchDevice(id, {
        name: `House ${at}`,
        address: '',
        location: { latitude: 45 + (at % 32) / 100, longitude: 7.6 + Math.floor(at / 32) / 100 },
        tags: [],
      });
  };
  await Promise.all(Array.from({ length: PLACING_AT_ONCE }, placeNext));
}

/** Opens the map and tells of each change of colour that it is sent. */
async function watchMap({ page }: TestBrowser) {
  let hear: (change: { isRed: boolean; toldMs: number; paintedMs: number }) => void = () => {};
  await page.exposeFunction('tellBench', (hex: string, toldMs: number, paintedMs: number) => {
    const frame = decodeFrame(Buffer.from(hex, 'hex'), FRAME_BYTES_MAX_UP);
    if (!mapChanges.is(frame)) return;
    const { changes } = mapChanges.read(frame).body;
    if (changes.length > 0) hear({ isRed: changes.some(({ b }) => b > 0), toldMs, paintedMs });
  });
  await page.addInitScript(`
    const Native = WebSocket;
    window.WebSocket = class extends Native {
      constructor(...args) {
        super(...args);
        this.addEventListener('message', ({ data }) => {
          const toldMs = Date.now();
          const hex = [...new Uint8Array(data)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
          requestAnimationFrame(() => requestAnimationFrame(() => tellBench(hex, toldMs, Date.now())));
        });
      }
    };`);
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('E-mail').fill(BENCH_ADMIN.email);
  await page.getByLabel('Password', { exact: true }).fill(BENCH_ADMIN.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === '/');
  await page.goto(`${server.url}/?c=7.75,45.15&z=9`);
  await page.locator('canvas').waitFor();
  // The first tiles must be drawn and watched.
  await page.waitForLoadState('networkidle').catch(() => undefined);
  await Bun.sleep(3_000);
  return {
    next: (isRed: boolean) =>
      new Promise<{ toldMs: number; paintedMs: number }>((resolve) => {
        hear = (change) => {
          if (change.isRed === isRed) resolve(change);
        };
      }),
  };
}

async function connect(token: string) {
  const url = new URL('/api/devices/v1/deviceconnect/connect', server.url);
  url.protocol = 'wss:';
  const { ca } = server.address;
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` }, tls: { ca: ca! } });
  socket.binaryType = 'arraybuffer';
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  let acked: (ackedMs: number) => void = () => {};
  socket.addEventListener('message', ({ data }) => {
    if (controlAck.is(decodeFrame(new Uint8Array(data as ArrayBuffer), FRAME_BYTES_MAX_UP))) acked(Date.now());
  });
  const send = (frame: Frame): void => socket.send(encodeFrame(frame));
  send(controlHello.frame({}, { client: 'bench', version: '1', epoch: 0, protocols: [PROTO.alert] }));
  let id = Math.floor(Math.random() * 2 ** 48);
  return {
    close: () => socket.close(1000),
    async send(isRed: boolean): Promise<{ ackedMs: number }> {
      const ackedMs = new Promise<number>((resolve) => (acked = resolve));
      const ts = Date.now();
      const raise = { ts, ...RULE, severity: 'critical', description: '97 % of / is in use.', values: {} } as const;
      send(isRed ? alertRaise.frame({ id: id++ }, raise) : alertClear.frame({ id: id++ }, { ts, ...RULE }));
      return { ackedMs: await ackedMs };
    },
  };
}

/** The device that a token is for. */
function deviceOf(token: string): string {
  return (JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string }).sub;
}

function say(line: string): void {
  process.stderr.write(`bench: ${line}\n`);
}
