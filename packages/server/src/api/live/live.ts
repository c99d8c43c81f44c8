/** The browser's channel: what changes in the fleet and on the visible part of the map, pushed in few messages. */
import { PATHS } from '@lovely/api';
import type { FeedEvent } from '@lovely/protocol';
import { eventAny, eventTenant, type Event } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { LovelyError } from '../../errors.ts';
import { LIVE_SUMMARY_MS, LIVE_TICK_MS, UI_SOCKETS_MAX } from '../../limits.ts';
import type { SocketOwner } from '../../listener.ts';
import { countFleet } from '../../store/fleet.ts';
import { requireAllDevices } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import type { FleetMaps } from '../map/fleet-maps.ts';
import { Viewer } from './viewer.ts';

export interface Live {
  /** The owner of a browser's WebSocket. */
  open(person: Person): Promise<SocketOwner>;
  close(): Promise<void>;
}

export const LIVE_PATH = PATHS.live;

/** What happened to one tenant since the last tick, and how much of it changed a health since the last summary. */
interface Happenings {
  events: FeedEvent[];
  healthChanges: number;
  isSummaryStale: boolean;
}

export function createLive(context: ApiContext, maps: FleetMaps): Live {
  const { bus, store, log } = context;
  const viewers = new Set<Viewer>();
  const happenings = new Map<string, Happenings>();

  function note(subject: string, events: FeedEvent[], healthChanges = 0): void {
    const of = happenings.get(eventTenant(subject));
    if (!of) return;
    of.events.push(...events);
    of.healthChanges += healthChanges;
    of.isSummaryStale = true;
  }

  const subscriptions = [
    subscribeTo(bus, eventAny('presence'), (changes, subject) => note(subject, changes.map(fromPresence))),
    subscribeTo(bus, eventAny('alert'), (changes, subject) => note(subject, changes.map(fromAlert))),
    subscribeTo(bus, eventAny('health'), (changes, subject) => note(subject, [], changes.length)),
    subscribeTo(bus, eventAny('device'), (changes, subject) => note(subject, changes.map(fromDevice))),
    subscribeTo(
      bus,
      eventAny('status'),
      (changes, subject) => void happenings.get(eventTenant(subject))?.events.push(...changes.map(fromStatus)),
    ),
  ];

  /** One turn: each viewer gets the events of its tenant and the changed cells of its tiles. */
  function tick(): void {
    for (const [tenantId, of] of happenings) {
      const events = of.events;
      of.events = [];
      const watching = [...viewers].filter((viewer) => viewer.tenantId === tenantId);
      if (watching.length === 0) {
        happenings.delete(tenantId);
        continue;
      }
      maps
        .of(tenantId, ALL_DEVICES)
        .then((index) => {
          for (const viewer of watching) viewer.push(events, index);
        })
        .catch((error: unknown) => log.error({ error }, 'the map could not be read'));
    }
  }

  async function summarise(): Promise<void> {
    for (const [tenantId, of] of happenings) {
      if (!of.isSummaryStale) continue;
      of.isSummaryStale = false;
      const changesPerSecond = Math.round(of.healthChanges / (LIVE_SUMMARY_MS / 1000));
      of.healthChanges = 0;
      // A rate above zero must be seen to fall to zero again.
      if (changesPerSecond > 0) of.isSummaryStale = true;
      const summary = await readSummary(tenantId, changesPerSecond);
      for (const viewer of viewers) if (viewer.tenantId === tenantId) viewer.summary(summary);
    }
  }

  async function readSummary(tenantId: string, changesPerSecond: number) {
    const { health, unplaced: _, ...counts } = await countFleet(store.of(tenantId), tenantId, ALL_DEVICES);
    return { ts: Date.now(), ...counts, ...health, changesPerSecond };
  }

  let isSummarising = false;
  const timers = [
    setInterval(tick, LIVE_TICK_MS),
    setInterval(() => {
      if (isSummarising) return;
      isSummarising = true;
      summarise()
        .catch((error: unknown) => log.error({ error }, 'the fleet could not be counted'))
        .finally(() => (isSummarising = false));
    }, LIVE_SUMMARY_MS),
  ];

  return {
    async open(person) {
      requireAllDevices(person, 'fleet.read');
      if (viewers.size >= UI_SOCKETS_MAX)
        throw new LovelyError('too-many-requests', 'Too many open browsers.', { retryAfterSeconds: 10 });
      const summary = await readSummary(person.tenantId, 0);
      const viewer = new Viewer(person.tenantId, {
        opened() {
          viewers.add(viewer);
          if (!happenings.has(person.tenantId))
            happenings.set(person.tenantId, { events: [], healthChanges: 0, isSummaryStale: false });
          viewer.summary(summary);
        },
        closed: () => viewers.delete(viewer),
      });
      return viewer;
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      for (const viewer of viewers) viewer.end();
    },
  };
}

function fromPresence({ device, connected, ts }: Event<'presence'>): FeedEvent {
  return { kind: 'presence', deviceId: device, ts, change: connected ? 'connected' : 'disconnected' };
}

function fromAlert({ device, alert, change, ts }: Event<'alert'>): FeedEvent {
  return { kind: 'alert', deviceId: device, alertId: alert, ts, change };
}

function fromDevice({ device, change, status }: Event<'device'>): FeedEvent {
  return { kind: 'device', deviceId: device, ts: Date.now(), change: change === 'deleted' ? change : status };
}

function fromStatus({ device, ts }: Event<'status'>): FeedEvent {
  return { kind: 'status', deviceId: device, ts };
}
