/**
 * Sessions of people with devices: terminals, files, ports. One WebSocket of a browser or of mender-cli is one session
 * on the device's channel; its id is ours and stands in every message in both directions (COMPAT 1.2, 3.5).
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { apiSession, apiSessionClosed, eventAny } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import { LovelyError } from '../../errors.ts';
import { SESSION_IDLE_MS, SESSIONS_PER_DEVICE_MAX, SESSIONS_PER_USER_MAX } from '../../limits.ts';
import type { SocketOwner } from '../../listener.ts';
import { findDeviceName, isDeviceIn } from '../../store/devices.ts';
import { findConnection } from '../../store/presence.ts';
import { actorOf, recordAudit, requireDeviceFor } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { readId } from '../mender/id.ts';
import { Session } from './session.ts';

const IDLE_CHECK_MS = 30_000;

/** What a session is opened for, as the audit log says it; a terminal, without it. */
export interface SessionUse {
  readonly action: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface Sessions {
  /** The owner of a WebSocket that a person opens to a device; 'not-found' or 'session-limit'. */
  open(person: Person, deviceId: string, use?: SessionUse): Promise<SocketOwner>;
  close(): Promise<void>;
}

export function createSessions(context: ApiContext): Sessions {
  const apiId = `api-${randomBytes(6).toString('hex')}`;
  const sessions = new Map<string, Session>();
  /** A device can only speak in sessions that were opened with it. */
  const find = ({ sid, device }: { sid: string; device: string }): Session | undefined => {
    const session = sessions.get(sid);
    return session?.deviceId === device ? session : undefined;
  };
  const subscriptions = [
    subscribeTo(context.bus, apiSession(apiId), (message) => find(message)?.fromDevice(message.frame)),
    subscribeTo(context.bus, apiSessionClosed(apiId), (message) => find(message)?.deviceLeft(message.reason)),
    subscribeTo(context.bus, eventAny('device'), (changes) => recheck(changes.map(({ device }) => device))),
    subscribeTo(context.bus, eventAny('group'), (changes) => recheck(changes.flatMap(({ devices }) => devices))),
  ];

  /** Ends the sessions with devices that have left the person's scope. When the scope itself changes, sockets end. */
  async function recheck(deviceIds: readonly string[]): Promise<void> {
    if (sessions.size === 0) return;
    const changed = new Set(deviceIds);
    for (const session of sessions.values())
      if (changed.has(session.deviceId) && !(await session.isAllowed()))
        session.end('not-allowed', 'the device is no longer one of yours');
  }

  const idleCheck = setInterval(() => {
    const before = Date.now() - SESSION_IDLE_MS;
    for (const session of sessions.values())
      if (session.activeMs < before) session.end('session-limit', 'idle for too long');
  }, IDLE_CHECK_MS);

  function countBy(key: 'userId' | 'deviceId', value: string): number {
    let count = 0;
    for (const session of sessions.values()) if (session[key] === value) count++;
    return count;
  }

  return {
    async open(person, deviceId, use) {
      await requireDeviceFor(person, person.database, 'device.terminal', readId(deviceId));
      const connection = await findConnection(person.database, person.tenantId, deviceId);
      // The status that Mender's tools know for it (COMPAT 3.5).
      if (!connection) throw new LovelyError('not-found', 'The device is not connected.');
      if (
        countBy('userId', person.user.id) >= SESSIONS_PER_USER_MAX ||
        countBy('deviceId', deviceId) >= SESSIONS_PER_DEVICE_MAX
      )
        throw new LovelyError('session-limit');
      const sid = randomUUID();
      const device = await findDeviceName(person.database, person.tenantId, deviceId);
      const record = (action: string, details: Record<string, unknown>): Promise<void> =>
        recordAudit(person.database, person.tenantId, {
          actor: actorOf(person),
          action,
          note: { object: { type: 'device', id: deviceId, name: device ?? '' }, details: { session: sid, ...details } },
          result: 'success',
          address: person.address,
        });
      // Nobody gets to a device without an entry.
      await record(use?.action ?? 'terminal.open', use?.details ?? {});
      const openedMs = Date.now();
      const session = new Session({
        bus: context.bus,
        log: context.log,
        apiId,
        sid,
        userId: person.user.id,
        deviceId,
        hubId: connection.hubId,
        isAllowed: () => isDeviceIn(person.database, person.tenantId, person.scope('device.terminal'), deviceId),
        findHub: async () => (await findConnection(person.database, person.tenantId, deviceId))?.hubId,
        // A handshake that is never finished opens nothing, and so must not count.
        onOpened() {
          sessions.set(session.sid, session);
          context.log.info({ device: deviceId, user: person.user.id, session: session.sid }, 'a session was opened');
        },
        onClosed() {
          sessions.delete(sid);
          if (use) return;
          record('terminal.close', { seconds: Math.round((Date.now() - openedMs) / 1000) }).catch((error: unknown) =>
            context.log.error({ error, session: sid }, 'the end of a session could not be written to the audit log'),
          );
        },
      });
      return session;
    },
    async close() {
      clearInterval(idleCheck);
      for (const session of sessions.values()) session.end('draining', 'the server is going away');
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
    },
  };
}
