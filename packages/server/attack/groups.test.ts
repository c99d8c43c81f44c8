/**
 * Somebody whose role is for one group: what happens to the houses of others changes no answer that they get, and what is of
 * those houses can't be told from what does not exist.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import { randomUUID } from 'node:crypto';
import type { Endpoint } from '@lovely/api';
import { ENDPOINTS as CONTRACTS } from '@lovely/api/catalogue';
import { storeProvides } from '../src/store/device-software.ts';
import { storeTopologies } from '../src/store/sensors.ts';
import { BODIES } from './bodies.ts';
import { fill, MAKERS, nothing, objectFor, pathUpToParams, type Params } from './objects.ts';
import type { Caller, Tenant } from './sides.ts';
import { makeWorld, type World } from './world.ts';

const ENDPOINTS = Object.entries<Endpoint>(CONTRACTS);

/** What an organisation has for all of its houses, so that more of it is no secret to anybody in it. */
const OF_ALL = [
  '/api/v1/artifacts',
  '/api/v1/releases',
  '/api/v1/fixes',
  '/api/v1/rules',
  '/api/v1/audit',
  // What they did themselves.
  '/api/v1/me',
];
/** Kinds of things that are of houses. */
const OF_HOUSES = ['devices', 'alerts', 'fix-runs', 'fix-rollouts', 'deployments', 'groups'];

let world: World;
/** Whoever else has a role in one group may do less. */
let caller: Caller;
/** The same organisation with another group, whose houses are hidden from the caller. */
let hidden: Tenant;
beforeAll(async () => {
  world = await makeWorld();
  caller = world.callers.find(({ name }) => name === 'administrator of a group')!;
  const { own } = world;
  const group = { name: `hidden ${randomUUID()}` };
  const { id: groupId } = await world.asAdministrator<{ id: string }>(own, 'POST', '/api/v1/groups', group);
  hidden = { ...own, groupId, prefix: 'hidden' };
  await fillGroup(own);
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

/** One of everything that is of a house, for houses of the group. */
async function fillGroup(of: Tenant): Promise<void> {
  for (const [path, maker] of Object.entries(MAKERS))
    if (OF_HOUSES.includes(path.split('/')[3]!) && !path.startsWith('/api/v1/groups')) await maker.make(world, of);
  const { store } = world.api.context;
  const id = await world.makeDevice(of, true);
  await store.database
    .updateTable('devices')
    .set({
      status: 'accepted',
      latitude: 47,
      longitude: 8,
      inventory: JSON.stringify({ [`${of.prefix}Colour`]: 'green' }),
    })
    .where('id', '=', id)
    .execute();
  const provides = { artifact_name: `${of.prefix} release`, [`${of.prefix}.version`]: '7' };
  await storeProvides(store.database, [{ tenantId: of.id, deviceId: id, provides, by: 'poll' }]);
  const sensor = { kind: 'oven', name: 'Oven', model: `${of.prefix} model`, serial: '', firmware: '7', place: '' };
  await storeTopologies(store, [{ deviceId: id, messageId: 1, sensors: [{ id: 'oven', ...sensor }] }]);
  const configuration = { values: { [`${of.prefix}Limit`]: 7 } };
  await world.asAdministrator(of, 'PUT', `/api/v1/devices/${id}/configuration`, configuration);
  await world.asAdministrator(of, 'PUT', `/api/v1/groups/${of.groupId}/configuration`, configuration);
}

/** Brings it to a house of others. */
async function deploy({ id }: Params): Promise<void> {
  const { name } = await world.asAdministrator<{ name: string }>(hidden, 'GET', `/api/v1/artifacts/${id}`);
  const deviceId = await world.makeDevice(hidden, true);
  const { database } = world.api.context.store;
  await database.updateTable('devices').set({ status: 'accepted' }).where('id', '=', deviceId).execute();
  const provides = { artifact_name: name, device_type: 'gateway' };
  await storeProvides(database, [{ tenantId: hidden.id, deviceId, provides, by: 'poll' }]);
  const wish = { name: 'Theirs', artifactName: name, target: { kind: 'devices', ids: [deviceId] } };
  await world.asAdministrator(hidden, 'POST', '/api/v1/deployments', wish);
}

const isOfAll = (path: string): boolean => OF_ALL.some((begin) => path.startsWith(begin));

/** All that the caller can read, of lists and of the objects of their own group. */
async function readAll(artifact: Params = {}): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  if (artifact.id !== undefined) {
    const answer = await world.api.call(caller.token, 'GET', `/api/v1/artifacts/${artifact.id}`);
    answers.set('getArtifact', await answer.text());
  }
  for (const [name, { method, access, path }] of ENDPOINTS) {
    if (method !== 'GET' || access === 'anyone' || access === 'system.admin' || isOfAll(path)) continue;
    const params = path.includes('{') ? await ownObject(path) : {};
    if (!params) continue;
    for (const query of QUERIES[path] ?? ['']) {
      const answer = await world.api.call(caller.token, 'GET', fill(path, params) + query);
      answers.set(`${name}${query}`, `${answer.status} ${without(await answer.text())}`);
    }
  }
  return answers;
}

async function ownObject(path: string): Promise<Params | undefined> {
  if (path.startsWith('/api/v1/groups/')) return { ...nothing(path), id: world.own.groupId };
  return await objectFor(world, world.own, path, 'GET');
}

const QUERIES: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/towns': ['?search=a'],
  '/api/v1/map/clusters': ['?box=-180,-80,180,80&level=4'],
  '/api/v1/map/houses': ['?box=-180,-80,180,80&level=4'],
  '/api/v1/software/versions': ['?key=artifact_name', '?key=hidden.version'],
  '/api/v1/software/devices': ['?key=artifact_name', '?key=hidden.version'],
  '/api/v1/groups/{id}/history': ['?metric=cpu.load'],
  '/api/v1/devices': ['', '?search=hidden', '?limit=1'],
  '/api/v1/alerts': ['', '?search=hidden', '?limit=1'],
  '/api/v1/deployments': ['', '?search=hidden', '?limit=1'],
};

/** What changes from call to call, and what software takes, which is of all. */
function without(text: string): string {
  return text.replaceAll(/"(requestId|at|from|to|storageBytes)":("[^"]*"|\d+)/g, '"$1":0');
}

test('more houses of others, and more that happens to them, change nothing that somebody of one group reads', async () => {
  // Makes what is asked for by its id.
  await readAll();
  const artifact = await MAKERS['/api/v1/artifacts/{id}']!.make(world, world.own);
  const before = await readAll(artifact);
  await fillGroup(hidden);
  await deploy(artifact);
  const after = await readAll(artifact);
  const changed = [...after].filter(([what, answer]) => answer !== before.get(what));
  expect(changed.map(([what, answer]) => [what, before.get(what), answer])).toEqual([]);
  expect(before.size).toBeGreaterThan(40);
}, 120_000);

const targets = ENDPOINTS.filter(
  ([, { access, path }]) => access !== 'anyone' && path.includes('{') && OF_HOUSES.includes(path.split('/')[3]!),
);

test.each(targets)('%s tells nothing of what is of other houses', async (name, { method, path, body }) => {
  const theirs: Params | undefined = path.startsWith('/api/v1/groups')
    ? { ...nothing(path), id: hidden.groupId }
    : await MAKERS[pathUpToParams(path)]?.make(world, hidden);
  if (!theirs) return;
  const sent = body.type === 'undefined' ? undefined : BODIES[name]!(world.own);
  const say = async (params: Params): Promise<unknown> => {
    const answer = await world.api.call(caller.token, method, fill(path, params), sent);
    const { requestId: _, ...said } = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
    return [answer.status, said];
  };
  expect(await say(theirs)).toEqual(await say(nothing(path)));
});
