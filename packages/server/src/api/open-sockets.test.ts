import { afterAll, beforeAll, beforeEach, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Socket, SocketOwner } from '../listener.ts';
import { replaceGrants } from '../store/grants.ts';
import { revokeLogins } from '../store/logins.ts';
import type { Person } from './context.ts';
import { identify } from './guard.ts';
import { announceEnded, createOpenSockets, type OpenSockets } from './open-sockets.ts';
import { createRequestLimits } from './request-limits.ts';
import { startTestApi, type SignedIn, type TestApi } from './test-api.ts';

let api: TestApi;
let sockets: OpenSockets;
beforeAll(async () => {
  api = await startTestApi();
  sockets = createOpenSockets(api.context);
}, 60_000);
afterAll(async () => {
  await sockets.close();
  await api[Symbol.asyncDispose]();
});

let login: SignedIn;
beforeEach(async () => {
  login = await api.signIn(api.context.firstTenantId, [{ roleId: 'viewer', groupIds: null }]);
});

function whoIs({ token }: SignedIn): Promise<Person> {
  const request = new Request(api.context.publicUrl, { headers: { authorization: `Bearer ${token}` } });
  return identify({ ...api.context, limits: createRequestLimits(1, Date.now) }, request, '127.0.0.1');
}

interface Watched {
  readonly owner: SocketOwner;
  readonly socket: Socket;
  /** How it ended. */
  readonly ended: Promise<string>;
}

/** A socket that is closed as a listener closes one: its owner hears of it. */
function watch(person: Person): Watched {
  const { promise: ended, resolve } = Promise.withResolvers<string>();
  const inner: SocketOwner = {
    opened: () => undefined,
    received: () => undefined,
    drained: () => undefined,
    closed: (_, code, reason) => resolve(`${code} ${reason}`),
  };
  const owner = sockets.watch(person, inner);
  const socket: Socket = {
    send: () => 0,
    close: (code, reason) => owner.closed(socket, code, reason),
    terminate: () => undefined,
    getBufferedAmount: () => 0,
  };
  return { owner, socket, ended };
}

function open(person: Person): Watched {
  const watched = watch(person);
  watched.owner.opened(watched.socket);
  return watched;
}

const ENDED = '1008 not-signed-in';

test('a socket ends when its login, its user or its tenant is announced as ended, and others stay', async () => {
  const person = await whoIs(login);
  const stranger = await whoIs(
    await api.signIn(await api.makeTenant(randomUUID()), [{ roleId: 'viewer', groupIds: null }]),
  );
  const other = open(stranger);
  let isOtherOpen = true;
  void other.ended.then(() => (isOtherOpen = false));
  for (const id of [person.via.id, person.user.id, person.tenantId]) {
    const { ended } = open(person);
    announceEnded(api.context.bus, [randomUUID(), id]);
    expect(await ended).toBe(ENDED);
  }
  expect(isOtherOpen).toBe(true);
  other.socket.close(1000, '');
});

test('a socket ends when its login expires', async () => {
  const person = await whoIs(login);
  const { ended } = open({ ...person, via: { ...person.via, expiresAtMs: Date.now() + 50 } });
  expect(await ended).toBe(ENDED);
});

test('a login that ends between its check and the opening of the socket ends the socket', async () => {
  const watched = watch(await whoIs(login));
  await revokeLogins(api.context.store.database, login.userId, { except: null });
  watched.owner.opened(watched.socket);
  expect(await watched.ended).toBe(ENDED);
});

test('a role that is taken between the check and the opening of the socket ends the socket', async () => {
  const watched = watch(await whoIs(login));
  await replaceGrants(api.context.store.database, api.context.firstTenantId, login.userId, []);
  watched.owner.opened(watched.socket);
  expect(await watched.ended).toBe(ENDED);
});

test('a socket that its owner closed is not ended once more', async () => {
  const person = await whoIs(login);
  const { socket, ended } = open(person);
  socket.close(1000, 'done');
  announceEnded(api.context.bus, [person.via.id]);
  await api.context.bus.flush();
  expect(await ended).toBe('1000 done');
});
