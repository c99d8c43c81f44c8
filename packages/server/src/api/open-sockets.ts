/**
 * The open WebSockets of people. One ends within a second when its login or token expires or is revoked, or its owner is
 * disabled, deleted or may do something else now: whoever changes that says so with `announceEnded`.
 */
import type { Bus } from '../bus/bus.ts';
import { loginsEnded } from '../bus/subjects.ts';
import { publishTo, subscribeTo } from '../bus/topic.ts';
import { covers } from '../domain/access.ts';
import { BUS_BATCH_ITEMS_MAX, OPEN_SOCKETS_REFRESH_MS, OPEN_SOCKETS_TICK_MS } from '../limits.ts';
import type { Socket, SocketOwner } from '../listener.ts';
import { listGood } from '../store/logins.ts';
import { findUser } from '../store/users.ts';
import type { ApiContext, Person } from './context.ts';

export interface OpenSockets {
  /** The same owner of a WebSocket, which is closed when the person is no longer who they were. */
  watch(person: Person, owner: SocketOwner): SocketOwner;
  close(): Promise<void>;
}

const POLICY_VIOLATION = 1008;

/** Ends what is open for these logins, access tokens, users or tenants, in every process. */
export function announceEnded(bus: Bus, ids: readonly string[]): void {
  for (let at = 0; at < ids.length; at += BUS_BATCH_ITEMS_MAX)
    publishTo(bus, loginsEnded, { ids: ids.slice(at, at + BUS_BATCH_ITEMS_MAX) });
}

interface OpenSocket {
  readonly person: Person;
  readonly socket: Socket;
}

export function createOpenSockets({ bus, store, log }: Pick<ApiContext, 'bus' | 'store' | 'log'>): OpenSockets {
  const sockets = new Set<OpenSocket>();

  function end(isOver: (person: Person) => boolean): void {
    for (const open of sockets)
      if (isOver(open.person)) {
        sockets.delete(open);
        open.socket.close(POLICY_VIOLATION, 'not-signed-in');
      }
  }

  /** The bus may lose a message, and a login may end between its check and the opening of the socket. */
  async function compare(some: readonly OpenSocket[]): Promise<void> {
    const idsOf = (kind: 'login' | 'token'): string[] => [
      ...new Set(some.filter(({ person }) => person.via.kind === kind).map(({ person }) => person.via.id)),
    ];
    const good = await listGood(store.database, idsOf('login'), idsOf('token'));
    const asked = new Set(some.map(({ person }) => person.via.id));
    end(({ via }) => asked.has(via.id) && !good.has(via.id));
  }

  /** Between its check and the opening of the socket, its owner may have lost some of what they may do. */
  async function compareNew(open: OpenSocket): Promise<void> {
    await compare([open]);
    const user = await findUser(store.database, open.person.user.id);
    if (!user || !covers(user.access, open.person.user.access)) end((person) => person === open.person);
  }

  const orLog = (comparing: Promise<void>): void =>
    void comparing.catch((error: unknown) => log.error({ error }, 'open sockets could not be compared with logins'));

  const subscription = subscribeTo(bus, loginsEnded, ({ ids }) => {
    const ended = new Set(ids);
    end(({ user, via, tenantId }) => ended.has(via.id) || ended.has(user.id) || ended.has(tenantId));
  });
  const timers = [
    setInterval(() => {
      const now = Date.now();
      end(({ via }) => via.expiresAtMs <= now);
    }, OPEN_SOCKETS_TICK_MS),
    setInterval(() => {
      if (sockets.size > 0) orLog(compare([...sockets]));
    }, OPEN_SOCKETS_REFRESH_MS),
  ];

  return {
    watch(person, owner) {
      let open: OpenSocket | undefined;
      return {
        opened(socket) {
          open = { person, socket };
          sockets.add(open);
          orLog(compareNew(open));
          owner.opened(socket);
        },
        received: (socket, bytes) => owner.received(socket, bytes),
        drained: (socket) => owner.drained(socket),
        closed(socket, code, reason) {
          if (open) sockets.delete(open);
          owner.closed(socket, code, reason);
        },
      };
    },
    async close() {
      for (const timer of timers) clearInterval(timer);
      await subscription.close();
    },
  };
}
