/**
 * Carries deployments on: takes those that are due, asks the plan for the next step, writes it down, and only then tells
 * gateways. A worker that dies in between leaves a house that was "told" and was not: it is told again.
 */
import { announceDeployments } from '../../bus/announce.ts';
import { eventAny } from '../../bus/subjects.ts';
import { subscribeTo } from '../../bus/topic.ts';
import type { Task } from '../../background-task.ts';
import type { House } from '../../domain/deployment-house.ts';
import type { KeyRing } from '../../domain/key.ts';
import {
  DEPLOYMENT_DUE_HOUSES,
  DEPLOYMENT_READY_HOUSES,
  DEPLOYMENT_REST_MS,
  DEPLOYMENT_TELLINGS_MAX,
  DEPLOYMENT_TICK_MS,
  DEPLOYMENTS_TAKEN_MAX,
} from '../../software-limits.ts';
import {
  carryOnHouses,
  listDueHouses,
  noteReached,
  postponeHouse,
  readyHouses,
} from '../../store/deployment-active.ts';
import { carryOn, listDueDeployments, lookAtDeployments, type DeploymentTurn } from '../../store/deployment-engine.ts';
import { isNameTaken } from '../../store/errors.ts';
import { freeHouses, lookAtHouses, openDeploymentsOf, wakeAllHouses } from '../../store/deployment-houses.ts';
import type { WriterParts } from '../up-writer.ts';
import { createWakeable } from '../wakeable.ts';
import { tell, type Telling } from './offers.ts';
import { createReconnectCounter } from './reconnect-counter.ts';

export interface DeploymentEngine extends Task {
  /** What gateways said may let something go on: looks at these deployments. */
  lookAt(deploymentIds: readonly string[]): void;
  /** These gateways told what they provide, or are back. */
  hear(deviceIds: readonly string[]): Promise<void>;
}

export function startDeploymentEngine(parts: WriterParts, linkKeys: KeyRing, queue: string): DeploymentEngine {
  const { store, bus, log } = parts;
  const { database } = store;
  /** Deployments that could not be carried on, and until when they are left alone. */
  const resting = new Map<string, number>();
  const wanted = new Set<string>();
  /** Houses on which something changed: what else waits for them may have them now. */
  const changed = new Set<string>();
  /** Houses in the middle of it that have what they were told. */
  const reached: House[] = [];
  const tellings = createTellings(async (telling) => {
    const { kind, house } = telling;
    try {
      await tell(bus, linkKeys, telling);
      if (kind !== 'abort' && house.state !== 'pending') reached.push(house);
    } catch (error) {
      log.debug({ error, device: house.deviceId }, 'a house could not be told; it is told again');
    }
  });

  async function carryOnDeployments(): Promise<void> {
    for (const [id, untilMs] of resting) if (untilMs <= Date.now()) resting.delete(id);
    const looks = [...wanted];
    const houses = [...changed];
    wanted.clear();
    changed.clear();
    await wakeAllHouses(database, await freeHouses(database, houses));
    looks.push(
      ...(await readyHouses(database, DEPLOYMENT_READY_HOUSES)),
      ...(await openDeploymentsOf(database, houses)),
    );
    await lookAtDeployments(database, looks);
    for (let isDone = false; !isDone;) {
      const due = await listDueDeployments(database, [...resting.keys()], DEPLOYMENTS_TAKEN_MAX);
      isDone = true;
      for (const one of due) {
        const turn = await takeTurn(one);
        // Who is not to be had is with another worker: that one goes on with it.
        if (turn?.isUnfinished) isDone = false;
      }
    }
  }

  async function takeTurn(one: { id: string; tenantId: string }): Promise<DeploymentTurn | undefined> {
    try {
      const turn = await database.transaction().execute((transaction) => carryOn(transaction, one, Date.now()));
      if (!turn) return undefined;
      announceDeployments(bus, turn.changes);
      for (const { house, artifact, connection, pauses, options } of turn.grants)
        if (connection) await tellings.add({ kind: 'offer', house, artifact, connection, pauses, ...options });
      return turn;
    } catch (error) {
      // A house that asked had its turn elsewhere at this moment: all are looked at again.
      if (isNameTaken(error)) return undefined;
      log.error({ error, deployment: one.id }, 'a deployment could not be carried on; it is left alone for a while');
      resting.set(one.id, Date.now() + DEPLOYMENT_REST_MS);
      return undefined;
    }
  }

  async function carryOnActive(): Promise<void> {
    await noteReached(database, reached.splice(0));
    for (let looked = DEPLOYMENT_DUE_HOUSES; looked >= DEPLOYMENT_DUE_HOUSES;) {
      try {
        looked = await carryOnSome({ limit: DEPLOYMENT_DUE_HOUSES });
      } catch (error) {
        log.error({ error }, 'houses could not be carried on together; each is tried alone');
        await carryOnEach();
        return;
      }
    }
  }

  async function carryOnSome(which: Parameters<typeof carryOnHouses>[1]): Promise<number> {
    const { deeds, changes, looked } = await database
      .transaction()
      .execute((transaction) => carryOnHouses(transaction, which, Date.now()));
    announceDeployments(bus, changes);
    for (const deed of deeds) await tellings.add(deed);
    return looked;
  }

  /** One that can't be carried on keeps no other waiting. */
  async function carryOnEach(): Promise<void> {
    for (const only of await listDueHouses(database, DEPLOYMENT_DUE_HOUSES)) {
      try {
        await carryOnSome({ limit: 1, only });
      } catch (error) {
        log.error({ error, ...only }, 'a house could not be carried on; it is left alone for a while');
        await postponeHouse(database, only, DEPLOYMENT_REST_MS);
      }
    }
  }

  const deployments = createWakeable('deployments', DEPLOYMENT_TICK_MS, log, carryOnDeployments);
  const active = createWakeable('houses of deployments', DEPLOYMENT_TICK_MS, log, carryOnActive);

  async function hear(deviceIds: readonly string[]): Promise<void> {
    await wakeAllHouses(database, deviceIds);
    await lookAtHouses(database, deviceIds);
    for (const id of await openDeploymentsOf(database, deviceIds)) wanted.add(id);
    active.wake();
  }

  const reconnects = createReconnectCounter(parts);
  const subscriptions = [
    subscribeTo(
      bus,
      eventAny('presence'),
      async (changes, subject) => {
        const back = changes.filter(({ connected }) => connected).map(({ device }) => device);
        if (back.length === 0) return;
        reconnects.count(subject, back);
        await hear(back);
      },
      { queue },
    ),
    // Whoever makes or steers one says so, and so does who stores what gateways tell.
    subscribeTo(
      bus,
      eventAny('deployment'),
      (changes) => {
        for (const { deployment, device } of changes) {
          wanted.add(deployment);
          if (changed.size < DEPLOYMENT_READY_HOUSES) changed.add(device);
        }
        active.wake();
      },
      { queue },
    ),
  ];
  return {
    lookAt(ids) {
      for (const id of ids) wanted.add(id);
    },
    hear,
    async close() {
      await Promise.all(subscriptions.map((subscription) => subscription.close()));
      await Promise.all([deployments.close(), active.close(), reconnects.close()]);
      await tellings.close();
    },
  };
}

/** Tells many at once, but not all: `add` waits while there are as many as may be. */
function createTellings(run: (telling: Telling) => Promise<void>) {
  const underWay = new Set<Promise<void>>();
  return {
    async add(telling: Telling): Promise<void> {
      while (underWay.size >= DEPLOYMENT_TELLINGS_MAX) await Promise.race(underWay);
      const doing: Promise<void> = run(telling).finally(() => underWay.delete(doing));
      underWay.add(doing);
    },
    async close(): Promise<void> {
      await Promise.all(underWay);
    },
  };
}
