import { afterEach, expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { PROTO } from '@lovely/protocol';
import { CA_FILE, Hub } from '../test/hub.ts';
import { until } from '../test/until.ts';
import {
  Channel,
  controlHandler,
  identityOf,
  loadRuntime,
  fixedKey,
  memoryRuleStore,
  newPrivateKey,
  noJournal,
  Outbox,
  Reporter,
  RuleWatcher,
  silentLog,
  Spool,
  systemClock as clock,
  Tokens,
} from './mod.ts';

const stopping = new AbortController();
const hubs: Hub[] = [];
const running: Promise<void>[] = [];

afterEach(async () => {
  stopping.abort();
  await Promise.all(running);
  await Promise.all(hubs.map((hub) => hub.stop()));
});

test('many light gateways run in one process, without a disk or a host of their own', async () => {
  const hub = new Hub();
  hubs.push(hub);
  const server = new URL(hub.url);
  const runtime = await loadRuntime();
  const network = { authorities: [readFileSync(CA_FILE, 'utf8')], proxy: undefined };
  const [http, transport] = [runtime.http(network), runtime.transport(network)];
  const shared = { clock, random: Math.random, log: silentLog };
  const watchers = Array.from({ length: 50 }, (_, index) => {
    const spool = new Spool({ journal: noJournal, bytesMax: 1e5, messagesMax: 100, ...shared });
    const outbox = new Outbox(spool, clock);
    const rule = {
      key: 'heat',
      version: 1,
      severity: 'warning' as const,
      description: '{value} °C',
      of: { kind: 'gateway' as const },
      watch: {
        kind: 'threshold' as const,
        metric: 'oven.celsius',
        direction: 'above' as const,
        raiseAt: 90,
        clearAt: 80,
        forMs: 0,
      },
    };
    const watcher = new RuleWatcher({
      store: memoryRuleStore({ version: 'v', rules: [rule], open: [] }),
      waiting: [],
      submit: outbox.submit,
      ...shared,
    });
    const channel = new Channel({
      server,
      transport,
      tokens: new Tokens({ http, server, keys: fixedKey(identityOf(`sim-${index}`, newPrivateKey())), ...shared }),
      handlers: new Map([
        [PROTO.control, controlHandler({ sessionProtos: [], acknowledged: (ids) => outbox.acknowledged(ids) })],
        [PROTO.alert, watcher.handle],
      ]),
      parts: [outbox],
      reportedProtos: [PROTO.status],
      epoch: 0,
      ...shared,
    });
    running.push(channel.run(stopping.signal));
    const reporter = new Reporter({ clock, submit: outbox.submit, fullIntervalMs: 900_000 });
    const values = { 'oven.celsius': index };
    reporter.observe('', values);
    watcher.evaluate({ values: { 'oven.celsius': index * 2 }, targets: new Map() });
    return { watcher, spool };
  });
  await until(() => hub.reports.length === 50 && hub.raised.length === 5);
  await until(() => watchers.every(({ spool }) => [...spool.waiting()].length === 0));
  expect(new Set(hub.authentications.map(({ idData }) => idData)).size).toBe(50);
  expect(watchers.filter(({ watcher }) => watcher.openAlerts.length === 1).length).toBe(5);
});
