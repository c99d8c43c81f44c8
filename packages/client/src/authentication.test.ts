import { afterEach, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { CA_FILE, Hub, OTHER_CA_FILE } from '../test/hub.ts';
import { ManualClock } from '../test/manual-clock.ts';
import { until } from '../test/until.ts';
import { authenticationRequest, requestToken, Tokens } from './authentication.ts';
import type { Http } from './http/http.ts';
import { bunHttp } from './http/bun.ts';
import { identityOf, newPrivateKey } from './identity.ts';
import { fixedKey } from './keys.ts';
import { silentLog } from './log.ts';

const hubs: Hub[] = [];
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.stop()));
});

function startHub(): Hub {
  const hub = new Hub();
  hubs.push(hub);
  return hub;
}

function httpTrusting(file: string): Http {
  return bunHttp({ authorities: [readFileSync(file, 'utf8')], proxy: undefined });
}

const identity = identityOf('sn-1', newPrivateKey());
const never = new AbortController().signal;

test("the request's body is Mender's, in its order", () => {
  const { body } = authenticationRequest(identity);
  const keys = Object.keys(JSON.parse(body) as object);
  expect(keys).toEqual(['id_data', 'tenant_token', 'pubkey']);
  expect(body).toEndWith('\n');
});

test('an accepted gateway receives a token for a signed request', async () => {
  const hub = startHub();
  expect(await requestToken(httpTrusting(CA_FILE), new URL(hub.url), identity, never)).toEqual({
    kind: 'accepted',
    token: 'token-1',
  });
  expect(hub.authentications).toEqual([{ idData: '{"sn":"sn-1"}', isSigned: true }]);
});

test('a server that another authority signed gets nothing from us', async () => {
  const hub = startHub();
  const answer = await requestToken(httpTrusting(OTHER_CA_FILE), new URL(hub.url), identity, never);
  expect(answer.kind).toBe('unavailable');
  expect(hub.authentications).toEqual([]);
});

test('a pending gateway asks again and again until it is accepted', async () => {
  const hub = startHub();
  hub.isAccepting = false;
  const clock = new ManualClock();
  const tokens = new Tokens({
    http: httpTrusting(CA_FILE),
    server: new URL(hub.url),
    keys: fixedKey(identity),
    clock,
    random: () => 0,
    log: silentLog,
  });
  const token = tokens.get(never);
  for (let asked = 1; asked <= 3; asked++) {
    await until(() => hub.authentications.length === asked && clock.waitsMs.length === 1);
    expect(clock.waitsMs[0]).toBeGreaterThanOrEqual(2250);
    if (asked === 3) hub.isAccepting = true;
    clock.advance(60_000);
  }
  expect(await token).toBe('token-1');
});

test('asking ends when the client stops', async () => {
  const hub = startHub();
  hub.isAccepting = false;
  const stopping = new AbortController();
  const clock = new ManualClock();
  const tokens = new Tokens({
    http: httpTrusting(CA_FILE),
    server: new URL(hub.url),
    keys: fixedKey(identity),
    clock,
    random: () => 0,
    log: silentLog,
  });
  const token = tokens.get(stopping.signal);
  await until(() => clock.waitsMs.length === 1);
  stopping.abort();
  expect(await token).toBeUndefined();
});

test('what is no token is not taken for one', async () => {
  const http: Http = () =>
    Promise.resolve({ status: 200, retryAfterMs: undefined, body: '<html>Please log in</html>' });
  expect(await requestToken(http, new URL('https://localhost'), identity, never)).toMatchObject({
    kind: 'unavailable',
  });
});
