/** Bad input from devices, people and strangers: each a clear error, told once, and nothing lost or leaked. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { generateKeyPairSync } from 'node:crypto';
import { createLogin, getDevice, PATHS } from '@lovely/api';
import {
  controlError,
  encodeFrame,
  FRAME_BYTES_MAX_UP,
  PROTO,
  shellInput,
  shellNew,
  shellOutput,
  shellStarted,
  frame,
  type Frame,
} from '@lovely/protocol';
import { ADMIN, TestServer } from '../harness/server.ts';
import { until } from '../harness/wait.ts';
import { bodyOf, listBadRequests, listTooLarge, someOf } from './bad-requests.ts';
import { listEndpoints } from './endpoints.ts';
import { FrameSocket, upgradeStatus } from './frame-socket.ts';
import { BAD_FRAMES } from './garbage.ts';
import { createKey, DEVICE_CONNECT, joinDevice, requestAuth, type JoinedDevice } from './joined-device.ts';
import { findUnexpected, type Caller } from './probe.ts';

const WRONG_PASSWORD = 'not-the-right-password';
const resources = new AsyncDisposableStack();
let server: TestServer;
beforeAll(async () => {
  server = resources.use(await TestServer.start({ env: { LOVELY_LOG_LEVEL: 'debug', LOVELY_LIMIT_FACTOR: '100' } }));
});
afterAll(() => resources.disposeAsync());

describe('a device', () => {
  test('is told of each frame that is none, logged once, and let go at the tenth', async () => {
    const device = await joinDevice(server);
    await using socket = await connect(device);
    for (const [index, bytes] of BAD_FRAMES.entries()) {
      socket.sendRaw(bytes);
      const { body } = controlError.read(await socket.next('an error', controlError.is));
      expect(body).toMatchObject({ reason: 'bad-frame', code: 400, close: index === BAD_FRAMES.length - 1 });
    }
    expect(await socket.closed).toMatchObject({ code: 1008 });
    await until('presence says why', async () => (await detailOf(device)).disconnectReason === 'protocol-error');
    expect(linesAbout(device.id).filter((line) => line.includes('bad-frame'))).toHaveLength(1);
  });

  test('is let go for a text message and for a frame over 1 MiB', async () => {
    const device = await joinDevice(server);
    await using texting = await connect(device);
    texting.sendRaw('hello');
    expect(await texting.closed).toMatchObject({ code: 1003 });
    await using shouting = await connect(device);
    shouting.sendRaw(new Uint8Array(FRAME_BYTES_MAX_UP + 1));
    expect(await shouting.closed).toMatchObject({ code: 1009 });
  });

  test('has one connection: a second replaces the first, and presence stays', async () => {
    const device = await joinDevice(server);
    await using first = await connect(device);
    const before = await until('it is connected', async () => {
      const detail = await detailOf(device);
      return detail.connected ? detail : undefined;
    });
    await using second = await connect(device);
    expect(await first.closed).toMatchObject({ code: 4000 });
    await until('the newer connection is known', async () => {
      const { connected, connectionChangedAt } = await detailOf(device);
      expect(connected).toBe(true);
      return connectionChangedAt !== before.connectionChangedAt;
    });
    await using person = await openSession(device);
    person.send(shellNew.frame({}, undefined));
    expect((await second.next('what a person sends', shellNew.is)).sid).not.toBe('');
    expect(first.received).toEqual([]);
  });

  test('speaks in no session but its own', async () => {
    const [victim, stranger] = await Promise.all([joinDevice(server), joinDevice(server)]);
    await using victimSocket = await connect(victim);
    await using strangerSocket = await connect(stranger);
    await using person = await openSession(victim);
    person.send(shellNew.frame({}, undefined));
    const { sid } = await victimSocket.next('a shell is asked for', shellNew.is);
    strangerSocket.send(shellOutput.frame({ status: 1 }, Buffer.from('forged'), sid));
    // The answer to garbage comes after the forged frame was handled.
    strangerSocket.sendRaw(BAD_FRAMES[0]!);
    await strangerSocket.next('an error', controlError.is);
    victimSocket.send(shellStarted.frame({ status: 1 }, Buffer.from('Shell started'), sid));
    await person.next('the true answer', shellStarted.is);
    expect(person.received.filter((each) => shellOutput.is(each))).toEqual([]);
  });
});

describe('a person', () => {
  test('is told of each message that no device may get, and the session goes on', async () => {
    const device = await joinDevice(server);
    await using deviceSocket = await connect(device);
    await using person = await openSession(device);
    const refused: (Frame | Uint8Array)[] = [
      ...BAD_FRAMES,
      frame(PROTO.status, 'report'),
      frame(PROTO.map, 'watch'),
      frame(PROTO.filetransfer, 'put_file', { body: new Uint8Array(9_000) }),
      fullFrame(),
    ];
    for (const each of refused) {
      if (each instanceof Uint8Array) person.sendRaw(each);
      else person.send(each);
      const { body } = controlError.read(await person.next('an error', controlError.is));
      expect(body).toMatchObject({ code: expect.any(Number), reason: expect.any(String), close: false });
    }
    person.send(shellInput.frame({}, Buffer.from('still here')));
    const arrived = await deviceSocket.next('what was typed', shellInput.is);
    expect(Buffer.from(arrived.body).toString()).toBe('still here');
    expect(deviceSocket.received).toEqual([]);
  });

  test('is let go for a text message and for a frame over 1 MiB', async () => {
    const device = await joinDevice(server);
    await using _connection = await connect(device);
    for (const open of [() => openSession(device), openLive]) {
      await using texting = await open();
      texting.sendRaw('hello');
      expect(await texting.closed).toMatchObject({ code: 1003 });
      await using shouting = await open();
      shouting.sendRaw(new Uint8Array(FRAME_BYTES_MAX_UP + 1));
      expect(await shouting.closed).toMatchObject({ code: 1009 });
    }
  });

  test('is told of each bad frame on the live channel, and it goes on', async () => {
    await using live = await openLive();
    for (const bytes of BAD_FRAMES) {
      live.sendRaw(bytes);
      const { body } = controlError.read(await live.next('an error', controlError.is));
      expect(body).toMatchObject({ reason: 'bad-frame', close: false });
    }
  });
});

describe('an endpoint', () => {
  const endpoints = listEndpoints();
  let caller: Caller;
  beforeAll(async () => {
    caller = { server, device: await joinDevice(server) };
  });

  test.each(Object.entries(listBadRequests()))('refuses or survives %s', async (_, { probes, isExpected }) => {
    expect(await findUnexpected(caller, someOf(probes), isExpected)).toEqual([]);
  });

  test('refuses a body that is too large', async () => {
    expect(await findUnexpected(caller, listTooLarge(), (code) => code === 'body-too-large')).toEqual([]);
  });

  test('takes no token but a good one of the right kind', async () => {
    const person = await server.token();
    const { token } = caller.device;
    const bad = [
      '',
      'x',
      'a.b.c',
      'x'.repeat(8_000),
      withoutSignature(token),
      withoutSignature(person),
      tampered(token),
      tampered(person),
    ];
    const probes = endpoints.flatMap((endpoint) => {
      if (endpoint.caller === 'anyone') return [];
      const tokens = [...bad, endpoint.caller === 'device' ? person : token];
      return tokens.map((each) => ({ endpoint, authorization: `Bearer ${each}`, ...bodyOf(endpoint) }));
    });
    expect(await findUnexpected(caller, probes, (code) => code === 'bad-token' || code === 'not-signed-in')).toEqual(
      [],
    );
    const upgrade = async (path: string, bearer: string): Promise<number> =>
      await upgradeStatus(server, path, { authorization: `Bearer ${bearer}` });
    for (const each of [...bad, person]) expect(await upgrade(DEVICE_CONNECT, each)).toBe(401);
    for (const each of [...bad, token]) {
      expect(await upgrade(PATHS.live, each)).toBe(401);
      expect(await upgrade(PATHS.deviceConnect.replace('{id}', caller.device.id), each)).toBe(401);
    }
    expect((await server.fetch(DEVICE_CONNECT, { headers: { authorization: `Bearer ${token}` } })).status).toBe(426);
  });

  test('shows no file but those of the browser application', async () => {
    const paths = [
      '/../../../etc/passwd',
      '/..%2f..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/package.json',
      '/%00',
      '/%FF',
      '/.git/config',
    ];
    for (const path of paths) {
      const response = await server.fetch(path);
      expect(response.status).toBeLessThan(500);
      expect(await response.text()).not.toMatch(/root:|"workspaces"|\[core\]/);
    }
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const response = await server.fetch('/', { method });
      expect([method, response.status]).toEqual([method, 405]);
    }
  });
});

describe('a stranger', () => {
  test('joins with no identity or key that is not as it should be', async () => {
    const key = createKey();
    const identities = [null, [], 'mac', {}, { mac: 1 }, { mac: null }, { mac: ['a', 1] }, { mac: { a: 'b' } }];
    const texts = ['a\0b', '\ud800', 'x'.repeat(20_000)].flatMap((text) => [{ mac: text }, { [text]: 'a' }]);
    for (const identity of [...identities, ...texts]) {
      const response = await requestAuth(server, key, identity);
      expect([identity, response.status]).toEqual([identity, 400]);
    }
    for (const publicPem of ['', 'x', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', smallRsaKey()]) {
      const response = await requestAuth(server, { ...key, publicPem }, { mac: 'a' });
      expect([publicPem, response.status]).toEqual([publicPem, 400]);
    }
  });

  test('waits after a few guesses at a password, over both doors together', async () => {
    const email = 'guessed@example.com';
    const throughMender = () =>
      server.fetch('/api/management/v1/useradm/auth/login', {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`${email}:${WRONG_PASSWORD}`)}` },
      });
    const throughForm = () =>
      server.fetch(createLogin.path, { method: 'POST', body: JSON.stringify({ email, password: WRONG_PASSWORD }) });
    let guesses = 0;
    // Each wait is twice the one before: soon one is longer than it takes to knock at both doors.
    const refused = await until('both doors are closed', async () => {
      const answers = [await throughMender(), await throughForm()];
      guesses += answers.filter(({ status }) => status === 401).length;
      return answers.every(({ status }) => status === 429) ? answers : undefined;
    });
    expect(guesses).toBeWithin(6, 13);
    for (const answer of refused) {
      expect(Number(answer.headers.get('retry-after'))).toBeWithin(1, 901);
      expect(await answer.json()).toMatchObject({ code: 'sign-in-delayed' });
    }
    expect((await server.management('GET', '/v2/devauth/devices')).status).toBe(200);
  });
});

test('no password and no token is in the log', () => {
  const output = server.process.output();
  expect(output).toContain('refused what a device sent');
  for (const secret of [ADMIN.password, WRONG_PASSWORD, 'eyJ', 'lovely_login', 'PRIVATE KEY'])
    expect(output).not.toContain(secret);
});

/** A frame with so many values that no session can be added to it. */
function fullFrame(): Frame {
  for (let values = 8_192; ; values--) {
    const full = frame(PROTO.shell, 'shell', { props: { many: Array<null>(values).fill(null) } });
    try {
      encodeFrame(full);
      return full;
    } catch {
      // Not even this: one with fewer.
    }
  }
}

async function connect({ token }: JoinedDevice): Promise<FrameSocket> {
  return await FrameSocket.open(server, DEVICE_CONNECT, { authorization: `Bearer ${token}` });
}

/** A person's session with a device; the device must be connected, or be about to. */
async function openSession({ id }: JoinedDevice): Promise<FrameSocket> {
  const authorization = `Bearer ${await server.token()}`;
  return await until('the session opens', () =>
    FrameSocket.open(server, PATHS.deviceConnect.replace('{id}', id), { authorization }),
  );
}

async function openLive(): Promise<FrameSocket> {
  return await FrameSocket.open(server, PATHS.live, { authorization: `Bearer ${await server.token()}` });
}

async function detailOf({ id }: JoinedDevice) {
  return await server.call(getDevice, { params: { id } });
}

function linesAbout(text: string): string[] {
  const lines = server.process.output().split('\n');
  return lines.filter((line) => line.includes(text));
}

/** The same claims, signed by nobody. */
function withoutSignature(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'JWT' })).toString('base64url');
  return `${header}.${token.split('.')[1]}.`;
}

/** Other claims under the same signature. */
function tampered(token: string): string {
  const [header, claims, signature] = token.split('.');
  const text = Buffer.from(claims!, 'base64url').toString();
  const other = text.replace(/"sub":"[^"]+"/, '"sub":"11111111-2222-4333-8444-555555555555"');
  return `${header}.${Buffer.from(other).toString('base64url')}.${signature}`;
}

function smallRsaKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return publicKey.export({ format: 'pem', type: 'spki' }).toString();
}
