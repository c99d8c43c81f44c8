import { afterEach, beforeEach, expect, test } from 'bun:test';
import { ACK_IDS_MAX } from '@lovely/protocol';
import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { hubAck, type Ack, type Up } from '../bus/subjects.ts';
import { subscribeTo } from '../bus/topic.ts';
import { createAcks } from './acks.ts';

let bus: Bus;
let told: { hub: string; acks: Ack[] }[];

beforeEach(() => {
  told = [];
  bus = createMemoryBus({
    onError: (error) => {
      throw error;
    },
  });
  for (const hub of ['hub-1', 'hub-2']) subscribeTo(bus, hubAck(hub), (acks) => void told.push({ hub, acks }));
});
afterEach(async () => {
  await bus.close();
});

const message = (hub: string, device: string, epoch = 1): Up => ({
  tenant: 'tenant',
  device,
  hub,
  epoch,
  receivedMs: 0,
  frame: new Uint8Array(),
});

test('what was stored together is acknowledged in one message a hub, one entry a connection', async () => {
  const acks = createAcks(bus);
  acks.add(message('hub-1', 'a'), 1);
  acks.add(message('hub-2', 'c'), 2);
  acks.add(message('hub-1', 'b'), 3);
  acks.add(message('hub-1', 'a'), 4);
  acks.flush();
  await bus.flush();
  expect(told).toEqual([
    {
      hub: 'hub-1',
      acks: [
        { device: 'a', epoch: 1, ids: [1, 4] },
        { device: 'b', epoch: 1, ids: [3] },
      ],
    },
    { hub: 'hub-2', acks: [{ device: 'c', epoch: 1, ids: [2] }] },
  ]);
});

test('two connections of one device are acknowledged each for itself', async () => {
  const acks = createAcks(bus);
  acks.add(message('hub-1', 'a', 1), 1);
  acks.add(message('hub-1', 'a', 2), 2);
  acks.flush();
  await bus.flush();
  expect(told[0]?.acks).toEqual([
    { device: 'a', epoch: 1, ids: [1] },
    { device: 'a', epoch: 2, ids: [2] },
  ]);
});

test('one entry carries as many ids as an ack may, the rest goes into another', async () => {
  const acks = createAcks(bus);
  for (let id = 0; id <= ACK_IDS_MAX; id++) acks.add(message('hub-1', 'a'), id);
  acks.flush();
  await bus.flush();
  expect(told.flatMap(({ acks }) => acks).map(({ ids }) => ids.length)).toEqual([ACK_IDS_MAX, 1]);
});

test('nothing is acknowledged before it is asked for, nor twice', async () => {
  const acks = createAcks(bus);
  acks.add(message('hub-1', 'a'), 1);
  await bus.flush();
  expect(told).toEqual([]);
  acks.flush();
  acks.flush();
  await bus.flush();
  expect(told).toHaveLength(1);
});
