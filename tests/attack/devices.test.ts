/**
 * A device that is accepted and means harm: every message of the protocol and every device route, with ids of devices of
 * its own tenant and of another, with tokens that are void, forged or somebody's. It must change nothing but itself.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { generateKeyPairSync, sign } from 'node:crypto';
import {
  acceptInvitation,
  call,
  createDeployment,
  createJoinCode,
  createTenant,
  deleteDevice,
  deploymentOptions,
  getDevice,
  getDeviceConfiguration,
  getDeviceSoftware,
  getDeviceStatus,
  listAlerts,
  PATHS,
  type CallInput,
  type Endpoint,
  type Result,
} from '@lovely/api';
import * as protocol from '@lovely/protocol';
import { encode, frame, type Frame, type Message, type Value } from '@lovely/protocol';
import { TestServer } from '../harness/server.ts';
import { uploadRelease } from '../harness/software.ts';
import { until } from '../harness/wait.ts';
import { FrameSocket } from '../mender/frame-socket.ts';
import {
  ATTRIBUTES,
  createKey,
  DEVICE_CONNECT,
  joinDevice,
  requestAuth,
  type JoinedDevice,
} from '../mender/joined-device.ts';

const OTHER = { email: 'other@example.com', password: 'a-long-phrase-of-the-other-tenant' } as const;

let server: TestServer;
let attacker: JoinedDevice;
/** Of the attacker's tenant, connected. */
let neighbour: JoinedDevice;
/** Of another tenant. */
let stranger: JoinedDevice & { tenantId: string };
let otherToken: string;
let neighbourSocket: FrameSocket;
/** A deployment to the neighbour that has not begun. */
let deploymentId: string;

beforeAll(async () => {
  server = await TestServer.start();
  attacker = await joinDevice(server);
  neighbour = await joinDevice(server);
  stranger = await joinOtherTenant();
  neighbourSocket = await connect(neighbour.token);
  await hello(neighbourSocket);
  await until('it is connected', async () => (await detail(neighbour.id, await server.token())).client);
  for (const [device, token] of [
    [neighbour, await server.token()],
    [stranger, otherToken],
  ] as const) {
    await setInventory(device.token, [{ name: 'colour', value: 'green' }]);
    await until('it has an inventory', async () => (await detail(device.id, token)).inventory.colour === 'green');
  }
}, 90_000);
beforeAll(async () => {
  await uploadRelease(server, { name: 'lamp-2', type: 'lamp', deviceType: 'lighthouse', content: 'brighter' });
  const target = { kind: 'devices' as const, ids: [neighbour.id] };
  const options = deploymentOptions.parse({ startAt: new Date(NOW + 24 * 3600_000).toISOString() });
  const wish = { name: 'Later', artifactName: 'lamp-2', target, options };
  ({ id: deploymentId } = await server.call(createDeployment, { body: wish }));
}, 60_000);
afterAll(async () => {
  await neighbourSocket[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

async function joinOtherTenant(): Promise<JoinedDevice & { tenantId: string }> {
  const made = await server.call(createTenant, {
    body: { name: 'Other', limits: {}, administrator: OTHER.email },
  });
  const code = new URL(made.invitation.url).hash.slice(1);
  const accepted = await server.fetch(acceptInvitation.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code, name: 'Other', password: OTHER.password }),
  });
  expect(accepted.status).toBe(201);
  const login = await server.fetch('/api/management/v1/useradm/auth/login', {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${OTHER.email}:${OTHER.password}`)}` },
  });
  otherToken = await login.text();
  const wish = { name: 'x', expiresInMinutes: 5, usesMax: null, accept: true, groupId: null, tags: [] };
  const joinCode = await callAs(otherToken, createJoinCode, { body: wish });
  const key = createKey();
  const answer = await requestAuth(server, key, { serial: 'stranger' }, joinCode.code);
  expect(answer.status).toBe(200);
  const token = await answer.text();
  const { sub, jti } = claimsOf(token);
  return { id: sub, authSetId: jti, token, tenantId: made.tenant.id };
}

const callAs = <E extends Endpoint>(token: string, endpoint: E, input: CallInput<E>): Promise<Result<E>> =>
  call((url, init) => server.fetch(url, init), '', endpoint, input, { authorization: `Bearer ${token}` });

function claimsOf(token: string): { sub: string; jti: string; [name: string]: unknown } {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { sub: string; jti: string };
}

const detail = (id: string, token: string) => callAs(token, getDevice, { params: { id } });

async function connect(token: string): Promise<FrameSocket> {
  return await FrameSocket.open(server, DEVICE_CONNECT, { authorization: `Bearer ${token}` });
}

async function hello(socket: FrameSocket): Promise<void> {
  socket.send(protocol.controlHello.frame({}, { client: 'attacker', version: '1', epoch: 0, protocols: [1] }));
  await socket.next('the welcome', (one) => protocol.controlWelcome.is(one));
}

async function setInventory(token: string, attributes: object[], method = 'PUT'): Promise<number> {
  const response = await server.fetch(ATTRIBUTES, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(attributes),
  });
  await response.text();
  return response.status;
}

/** Everything that the system knows of a device. */
async function known(id: string, token: string) {
  const { updatedAt: _, ...device } = await detail(id, token);
  const { metrics } = await callAs(token, getDeviceStatus, { params: { id } });
  const { items: alerts } = await callAs(token, listAlerts, { query: { deviceId: id } });
  const configuration = await callAs(token, getDeviceConfiguration, { params: { id } });
  const software = await callAs(token, getDeviceSoftware, { params: { id } });
  return { device, metrics, alerts, configuration, software };
}

const knownOfVictims = async () => [
  await known(neighbour.id, await server.token()),
  await known(stranger.id, otherToken),
];

/** A message with somebody else's ids wherever one could stand: in the props and, where the body is a map, in the body. */
function claiming(victim: { id: string }, { proto, typ, sid, props }: Frame, body: Value): Frame {
  const ids = {
    device: victim.id,
    device_id: victim.id,
    deviceId: victim.id,
    tenant: stranger.tenantId,
    user_id: victim.id,
    deployment: deploymentId,
  };
  const isMap = typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array);
  return frame(proto, typ, {
    sid,
    props: { ...ids, ...props },
    body: encode(isMap ? Object.assign({}, body, ids) : body),
  });
}

const NOW = Date.now();
const report = { ts: NOW, source: '', values: { hacked: 1 } };
const alert = { ts: NOW, source: 'evil', rule: 'disk-almost-full' };

/** A fix run that the device was never sent. */
const RUN = `${crypto.randomUUID()}.0`;

/** Each message that a device may send, by proto and typ, with a body; null for none. `sid` names a session of others. */
const ATTACKS: Readonly<
  Record<string, { props?: Record<string, Value>; body: Value; sid?: boolean; isStored?: true }>
> = {
  '256/report': { props: { id: 1 }, body: [{ ...report }], isStored: true },
  '257/raise': {
    props: { id: 2 },
    body: { ...alert, severity: 'critical', description: 'x', values: {} },
    isStored: true,
  },
  '257/clear': { props: { id: 3 }, body: { ...alert }, isStored: true },
  '257/batch': { body: [new Uint8Array([0x80])] },
  '258/started': { body: { run: RUN } },
  '258/output': { props: { run: RUN, offset: 0, stream: 'out' }, body: new Uint8Array([104, 97, 99, 107]) },
  '258/done': {
    props: { id: 6 },
    body: {
      run: RUN,
      outcome: 'exited',
      exit: 0,
      reason: '',
      durationMs: 1,
      outputBytes: 0,
      tail: new Uint8Array(0),
      tailOffset: 0,
    },
    isStored: true,
  },
  '259/state': { props: { id: 9 }, body: { attempt: 1, state: 'failure', atMs: NOW }, isStored: true },
  '259/progress': { body: { attempt: 1, percent: 50, bytes: 5 } },
  '259/log': {
    props: { id: 10 },
    body: { attempt: 1, lines: [{ atMs: NOW, level: 'error', message: 'hacked' }] },
    isStored: true,
  },
  '259/provides': { props: { id: 11 }, body: { values: { artifact_name: 'hacked' } }, isStored: true },
  '260/reported': { props: { id: 7 }, body: { version: 2 ** 40, values: { hacked: true } }, isStored: true },
  '260/reverted': { props: { id: 8 }, body: { version: 2 ** 40, reason: 'failed' }, isStored: true },
  '261/report': { props: { id: 4 }, body: { colour: 'red' }, isStored: true },
  '262/topology': {
    props: { id: 5 },
    body: [{ id: 'evil', kind: 'oven', name: '', model: '', serial: '', firmware: '', place: '' }],
    isStored: true,
  },
  '65535/hello': { body: { client: 'evil', version: '1', epoch: 2 ** 52, protocols: [1] } },
  '65535/clock': { body: { nowMs: 4e12 } },
  '65535/ack': { body: { ids: [1, 2, 3] } },
  '65535/ping': { body: null, sid: true },
  '65535/pong': { body: null, sid: true },
  '65535/close': { body: null, sid: true },
  '65535/accept': { body: { version: 1, protocols: [1] }, sid: true },
  '65535/error': { body: { err: 'x', close: true }, sid: true },
  '2/file_info': { body: { path: '/etc/passwd', size: 4, mode: 0, uid: 0, gid: 0 }, sid: true },
  '2/file_chunk': { props: { offset: 0 }, body: new Uint8Array([104, 97, 99, 107]), sid: true },
  '2/ack': { props: { offset: 4 }, body: null, sid: true },
  '2/error': { body: { err: 'x' }, sid: true },
  '1/shell': { body: new Uint8Array([104, 97, 99, 107]), sid: true },
  '1/new': { body: null, sid: true },
  '1/stop': { body: null, sid: true },
  '1/ping': { body: null, sid: true },
  '1/pong': { body: null, sid: true },
};

/** What goes to devices or to browsers only: a device that sends it is no one to listen to, and it is sent all the same. */
const NOT_FROM_DEVICES: ReadonlySet<string> = new Set([
  '65535/open',
  '65535/welcome',
  '65535/drain',
  '257/rules',
  '258/run',
  '258/content',
  '258/cancel',
  '258/keys',
  '259/offer',
  '259/pause',
  '259/continue',
  '259/abort',
  '260/desired',
  '1/resize',
  '2/stat',
  '2/get_file',
  '2/put_file',
  '512/watch',
  '512/changes',
  '513/events',
  '513/summary',
]);

/** Protos without messages of their own yet, and ones of programs. */
const OTHER_PROTOS = [2, 3, 4, 0x0200, 0x0201, 0x1000, 0xefff, 0x0fff];

function catalogue(): string[] {
  const messages = Object.values(protocol)
    .filter((one) => typeof one === 'object' && 'proto' in one && 'typ' in one)
    .map((one) => one as unknown as Pick<Message<unknown, unknown>, 'proto' | 'typ'>);
  return [...new Set(messages.map(({ proto, typ }) => `${proto}/${typ}`))].toSorted();
}

test('every message of the protocol has its attack', () => {
  expect([...new Set([...Object.keys(ATTACKS), ...NOT_FROM_DEVICES])].toSorted()).toEqual(catalogue());
});

test('no message of a device touches another device, whatever ids and sessions it names', async () => {
  await using terminal = await FrameSocket.open(server, PATHS.deviceConnect.replace('{id}', neighbour.id), {
    authorization: `Bearer ${await server.token()}`,
  });
  terminal.send(protocol.shellNew.frame({}, undefined, 'session-1'));
  const opened = await neighbourSocket.next('the session', ({ sid }) => sid !== '');
  const before = await knownOfVictims();
  const received = neighbourSocket.received.length;

  const socket = await connect(attacker.token);
  await hello(socket);
  const stored: number[] = [];
  let id = 100;
  for (const victim of [neighbour, stranger]) {
    for (const key of [...Object.keys(ATTACKS), ...NOT_FROM_DEVICES]) {
      const [proto, typ] = [Number(key.split('/')[0]), key.split('/')[1]!];
      const { props = {}, body, sid, isStored } = ATTACKS[key] ?? { body: {}, sid: true };
      if (isStored) stored.push(++id);
      const message = frame(proto, typ, {
        sid: sid ? opened.sid : '',
        props: { ...props, ...(isStored ? { id } : {}) },
      });
      socket.send(claiming(victim, message, body));
      if (sid) socket.send(claiming(victim, { ...message, sid: victim.id }, body));
    }
    stored.push(++id);
    socket.send(claiming(victim, protocol.customMessage(0x1000).frame({ id }, new Uint8Array()), {}));
    for (const proto of OTHER_PROTOS)
      socket.send(claiming(victim, frame(proto, 'report', { sid: opened.sid, props: {} }), {}));
  }
  const acknowledged = new Set<number>();
  await until('what it said of itself is stored', () => {
    for (const one of socket.received.splice(0))
      if (protocol.controlAck.is(one))
        for (const each of protocol.controlAck.read(one).body.ids) acknowledged.add(each);
    return stored.every((each) => acknowledged.has(each));
  });
  const own = await known(attacker.id, await server.token());
  expect(own.metrics.map(({ name }) => name)).toContain('hacked');
  expect(own.device.inventory.colour).toBe('red');

  expect(await knownOfVictims()).toEqual(before);
  expect(neighbourSocket.closing).toBeUndefined();
  expect(neighbourSocket.received.slice(received)).toEqual([]);
  expect(terminal.received.filter(({ proto }) => proto === protocol.PROTO.shell)).toEqual([]);
  expect(terminal.closing).toBeUndefined();
  await socket[Symbol.asyncDispose]();
});

const DEVICE_ROUTES: readonly (readonly [method: string, path: string, body: unknown])[] = [
  ['PUT', ATTRIBUTES, [{ name: 'a', value: 'b' }]],
  ['PATCH', ATTRIBUTES, [{ name: 'a', value: 'b' }]],
  ['POST', '/api/devices/v1/deployments/device/deployments/next', { artifact_name: 'a', device_type: 'b' }],
  [
    'POST',
    '/api/devices/v2/deployments/device/deployments/next',
    { device_provides: { artifact_name: 'a', device_type: 'b' } },
  ],
  ['GET', '/api/devices/v1/deployments/device/deployments/next?artifact_name=a&device_type=b', undefined],
  ['GET', DEVICE_CONNECT, undefined],
];

async function ask(method: string, path: string, token: string | undefined, body?: unknown): Promise<number> {
  const response = await server.fetch(path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(path === DEVICE_CONNECT
        ? {
            upgrade: 'websocket',
            connection: 'upgrade',
            'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
            'sec-websocket-version': '13',
          }
        : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.text();
  return response.status;
}

async function badTokens(): Promise<Record<string, string | undefined>> {
  const [header, payload, signature] = attacker.token.split('.') as [string, string, string];
  const claims = claimsOf(attacker.token);
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const ownKey = generateKeyPairSync('ed25519').privateKey;
  const forged = `${header}.${encoded({ ...claims, sub: neighbour.id })}`;
  const gone = await joinDevice(server);
  await server.call(deleteDevice, { params: { id: gone.id } });
  const rejected = await joinDevice(server);
  await server.management('PUT', `/v2/devauth/devices/${rejected.id}/auth/${rejected.authSetId}/status`, {
    status: 'rejected',
  });
  return {
    none: undefined,
    'a word': 'hello',
    'of a person': await server.token(),
    'with another device in it': `${header}.${encoded({ ...claims, sub: neighbour.id })}.${signature}`,
    'with another tenant in it': `${header}.${encoded({ ...claims, 'mender.tenant': stranger.tenantId })}.${signature}`,
    'without a signature': `${encoded({ alg: 'none', typ: 'JWT' })}.${payload}.`,
    'signed by the device': `${forged}.${sign(null, Buffer.from(forged), ownKey).toString('base64url')}`,
    'of a device that is deleted': gone.token,
    'of a device that is rejected': rejected.token,
  };
}

test('no device route takes a token that is void, forged, or a person’s', async () => {
  const tokens = await badTokens();
  for (const [name, token] of Object.entries(tokens))
    for (const [method, path, body] of DEVICE_ROUTES)
      expect([name, method, path, await ask(method, path, token, body)]).toEqual([name, method, path, 401]);
});

test('a device’s token opens nothing that is for people', async () => {
  for (const [method, path] of [
    ['GET', '/api/v1/me'],
    ['GET', '/api/v1/devices'],
    ['GET', `/api/v1/devices/${attacker.id}`],
    ['DELETE', `/api/v1/devices/${neighbour.id}`],
    ['GET', '/api/v1/join-codes'],
    ['GET', '/api/v1/tenant'],
    ['GET', '/api/v1/tenants'],
    ['GET', '/api/management/v2/devauth/devices'],
    ['GET', PATHS.deviceConnect.replace('{id}', neighbour.id)],
    ['GET', '/api/v1/live'],
  ] as const)
    expect([path, await ask(method, path, attacker.token)]).toEqual([path, 401]);
});

test('whose inventory it is, the token says and not the body', async () => {
  const before = await knownOfVictims();
  for (const victim of [neighbour, stranger])
    for (const method of ['PUT', 'PATCH']) {
      const attributes = [
        { name: 'colour', value: 'red', device_id: victim.id, id: victim.id },
        { name: 'device_id', value: victim.id },
      ];
      expect(await setInventory(attacker.token, attributes, method)).toBe(200);
    }
  await until(
    'it is its own',
    async () => (await detail(attacker.id, await server.token())).inventory.device_id === stranger.id,
  );
  expect(await knownOfVictims()).toEqual(before);
});

test('who knows an identity and not its key gets no token and throws nobody out', async () => {
  const before = await knownOfVictims();
  for (const identity of [{ serial: 'stranger' }, (await detail(neighbour.id, await server.token())).identity]) {
    const answer = await requestAuth(server, createKey(), identity);
    expect(answer.status).toBe(401);
    await answer.text();
  }
  const [ofNeighbour, ofStranger] = await knownOfVictims();
  // The key waits beside the good one, where a person sees it.
  expect(ofNeighbour!.device.authSets.map(({ status }) => status)).toEqual(['accepted', 'pending']);
  expect({ ...ofNeighbour!.device, authSets: [] }).toEqual({ ...before[0]!.device, authSets: [] });
  expect(ofStranger).toEqual(before[1]);
  expect(neighbourSocket.closing).toBeUndefined();
});
