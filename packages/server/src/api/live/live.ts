/** The browser's channel: what changes in the fleet and on the visible part of the map, pushed in few messages. */
import { PATHS } from '@lovely/api';
import type { FeedEvent } from '@lovely/protocol';
import { eventAny, eventTenant, type Event } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import { LovelyError } from '../../errors.ts';
import { LIVE_SUMMARY_MS, LIVE_LOOK_MS, UI_SOCKETS_MAX, UI_SOCKETS_PER_USER_MAX } from '../../limits.ts';
import type { SocketOwner } from '../../listener.ts';
import type { ApiContext, Person } from '../context.ts';
import { mapKey, type FleetMaps } from '../map/fleet-maps.ts';
import { Audience } from './audience.ts';
import { Viewer } from './viewer.ts';

export interface Live {
  /** The owner of a browser's WebSocket. */
  open(person: Person): Promise<SocketOwner>;
  close(): Promise<void>;
}

export const LIVE_PATH = PATHS.live;

export function createLive(context: ApiContext, maps: FleetMaps): Live {
  const { bus, store, log } = context;
  /** By the houses that they see. */
  const audiences = new Map<string, Audience>();
  let viewers = 0;
  const viewersByUser = new Map<string, number>();
  const viewersOf = (userId: string): number => viewersByUser.get(userId) ?? 0;

  function tell(subject: string, hear: (audience: Audience) => void): void {
    const tenantId = eventTenant(subject);
    for (const audience of audiences.values()) if (audience.tenantId === tenantId) hear(audience);
  }

  const subscriptions = [
    subscribeTo(bus, eventAny('presence'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromPresence))),
    ),
    subscribeTo(bus, eventAny('alert'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromAlert))),
    ),
    subscribeTo(bus, eventAny('incident'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromIncident))),
    ),
    subscribeTo(bus, eventAny('device'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromDevice))),
    ),
    subscribeTo(bus, eventAny('status'), (changes, subject) =>
      tell(subject, (audience) => audience.hearReports(changes.map(fromStatus))),
    ),
    subscribeTo(bus, eventAny('sensors'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromSensors))),
    ),
    subscribeTo(bus, eventAny('fix-run'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromFixRun))),
    ),
    subscribeTo(bus, eventAny('configuration'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromConfiguration))),
    ),
    subscribeTo(bus, eventAny('deployment'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromDeployment))),
    ),
    subscribeTo(bus, eventAny('software'), (changes, subject) =>
      tell(subject, (audience) => audience.hear(changes.map(fromSoftware))),
    ),
    subscribeTo(bus, eventAny('health'), (changes, subject) =>
      tell(subject, (audience) => audience.hearHealth(changes.map((change) => change.device))),
    ),
    subscribeTo(bus, eventAny('group'), (changes, subject) =>
      tell(subject, (audience) => {
        for (const { group, devices } of changes) audience.hearGroup(group, devices);
      }),
    ),
  ];

  const each = (what: string, work: (audience: Audience) => Promise<void>) => (): void => {
    for (const audience of audiences.values())
      work(audience).catch((error: unknown) => log.error({ error }, `${what} could not be told`));
  };
  const timers = [
    setInterval(
      each('what happened', (audience) => audience.turn()),
      LIVE_LOOK_MS,
    ),
    setInterval(
      each('the counts of the fleet', (audience) => audience.summarise()),
      LIVE_SUMMARY_MS,
    ),
  ];

  return {
    async open(person) {
      if (viewers >= UI_SOCKETS_MAX)
        throw new LovelyError('too-many-requests', 'Too many open browsers.', { retryAfterSeconds: 10 });
      const { id: userId } = person.user;
      if (viewersOf(userId) >= UI_SOCKETS_PER_USER_MAX)
        throw new LovelyError('too-many-requests', 'You have too many open browsers.', { retryAfterSeconds: 10 });
      const scope = person.scope('fleet.read');
      const key = mapKey(person.tenantId, scope);
      const map = await maps.of(person.tenantId, scope);
      const made = new Audience(store.of(person.tenantId), maps, person.tenantId, map);
      const summary = await made.readSummary(0);
      const viewer: Viewer = new Viewer({
        opened() {
          viewers++;
          viewersByUser.set(userId, viewersOf(userId) + 1);
          const audience = audiences.get(key) ?? made;
          audiences.set(key, audience);
          audience.viewers.add(viewer);
          viewer.summary(summary);
        },
        closed() {
          viewers--;
          if (viewersOf(userId) > 1) viewersByUser.set(userId, viewersOf(userId) - 1);
          else viewersByUser.delete(userId);
          const audience = audiences.get(key);
          audience?.viewers.delete(viewer);
          if (audience?.viewers.size === 0) audiences.delete(key);
        },
      });
      return viewer;
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      for (const audience of audiences.values()) for (const viewer of audience.viewers) viewer.end();
    },
  };
}

function fromPresence({ device, connected, ts }: Event<'presence'>): FeedEvent {
  return { kind: 'presence', deviceId: device, ts, change: connected ? 'connected' : 'disconnected' };
}

function fromAlert({ device, alert, change, ts }: Event<'alert'>): FeedEvent {
  return { kind: 'alert', deviceId: device, alertId: alert, ts, change };
}

function fromIncident({ device, incident, change, ts }: Event<'incident'>): FeedEvent {
  return { kind: 'incident', deviceId: device, incidentId: incident, ts, change };
}

function fromDevice({ device, change, status }: Event<'device'>): FeedEvent {
  return { kind: 'device', deviceId: device, ts: Date.now(), change: change === 'deleted' ? change : status };
}

function fromSensors({ device, ts }: Event<'sensors'>): FeedEvent {
  return { kind: 'sensors', deviceId: device, ts };
}

function fromStatus({ device, ts }: Event<'status'>): FeedEvent {
  return { kind: 'status', deviceId: device, ts };
}

function fromFixRun({ device, alert, run, rollout, state, ts }: Event<'fix-run'>): FeedEvent {
  const rolloutId = rollout === undefined ? {} : { rolloutId: rollout };
  return { kind: 'fix-run', deviceId: device, alertId: alert, runId: run, ...rolloutId, ts, change: state };
}

function fromDeployment({ device, deployment, ts }: Event<'deployment'>): FeedEvent {
  return { kind: 'deployment', deviceId: device, deploymentId: deployment, ts };
}

function fromSoftware({ device, ts }: Event<'software'>): FeedEvent {
  return { kind: 'software', deviceId: device, ts };
}

function fromConfiguration({ device, ts }: Event<'configuration'>): FeedEvent {
  return { kind: 'configuration', deviceId: device, ts };
}
