/** Gateways on the bus for tests of deployments: each takes offers as the protocol says, and does what the test has it do. */
import {
  decodeFrame,
  encodeFrame,
  FRAME_BYTES_MAX_DOWN,
  PROTO,
  updateAbort,
  updateContinue,
  updateLog,
  updateOffer,
  updatePause,
  updateProgress,
  updateProvides,
  updateState,
  type Frame,
  type SensorUpdate,
  type UpdateOffer,
  type UpdateReport,
} from '@lovely/protocol';
import type { Bus } from '../../bus/bus.ts';
import { event, hubDown, up } from '../../bus/subjects.ts';
import { answerTo, publishItems, publishTo } from '../../bus/topic.ts';
import type { Task } from '../../background-task.ts';
import type { Database } from '../../store/store.ts';

export interface Told {
  readonly deviceId: string;
  readonly kind: 'offer' | 'pause' | 'continue' | 'abort';
  readonly deployment: string;
}

export type Said = Omit<UpdateReport, 'deployment' | 'attempt' | 'atMs'>;

export interface TestFleet extends Task {
  /** Everything that gateways were told, in order. */
  readonly told: Told[];
  readonly offers: Map<string, UpdateOffer[]>;
  /** What a gateway does with an offer that it has not taken yet; undefined: nothing. */
  behave(with_: (deviceId: string, offer: UpdateOffer) => readonly Said[] | undefined): void;
  /** The next telling of this kind gets lost on the way; resolves once it is. */
  lose(kind: Told['kind']): Promise<void>;
  say(deviceId: string, deployment: string, said: Said, more?: { attempt?: number; atMs?: number }): void;
  progress(deviceId: string, deployment: string, sensors: readonly SensorUpdate[]): void;
  provide(deviceId: string, values: Record<string, string>): void;
  log(deviceId: string, deployment: string, messages: readonly string[], attempt?: number): void;
  connect(deviceId: string): Promise<void>;
  disconnect(deviceId: string, reason?: string): Promise<void>;
}

export const SUCCESS: readonly Said[] = [
  { state: 'downloading' },
  { state: 'downloading', bytes: 5_000 },
  { state: 'installing', bytes: 10_000 },
  { state: 'success' },
];

export function startTestFleet(bus: Bus, database: Database, tenantId: string, hub: string): TestFleet {
  let behaviour: (deviceId: string, offer: UpdateOffer) => readonly Said[] | undefined = () => SUCCESS;
  const told: Told[] = [];
  const offers = new Map<string, UpdateOffer[]>();
  const toLose = new Map<Told['kind'], () => void>();
  let messageId = Date.now() * 1000;
  let epoch = 7;
  let atMs = Date.now();

  const send = (deviceId: string, frame: Frame): void =>
    publishTo(bus, up(PROTO.update), [
      { tenant: tenantId, device: deviceId, hub, epoch: 7, receivedMs: Date.now(), frame: encodeFrame(frame) },
    ]);
  const say: TestFleet['say'] = (deviceId, deployment, said, more = {}) => {
    const attempt =
      more.attempt ?? offers.get(deviceId)?.findLast((one) => one.deployment === deployment)?.attempt ?? 1;
    send(deviceId, updateState.frame({ id: messageId++ }, { deployment, attempt, atMs: more.atMs ?? atMs++, ...said }));
  };

  function isLost({ typ }: Frame): boolean {
    const lost = toLose.get(typ as Told['kind']);
    toLose.delete(typ as Told['kind']);
    lost?.();
    return lost !== undefined;
  }

  function hear(deviceId: string, frame: Frame): void {
    if (updateOffer.is(frame)) {
      const offer = updateOffer.read(frame).body;
      const before = offers.get(deviceId) ?? [];
      offers.set(deviceId, [...before, offer]);
      told.push({ deviceId, kind: 'offer', deployment: offer.deployment });
      const isKnown = before.some((one) => one.deployment === offer.deployment && one.attempt === offer.attempt);
      if (!isKnown) for (const said of behaviour(deviceId, offer) ?? []) say(deviceId, offer.deployment, said);
    }
    for (const [kind, message] of [
      ['pause', updatePause],
      ['continue', updateContinue],
      ['abort', updateAbort],
    ] as const)
      if (message.is(frame)) told.push({ deviceId, kind, deployment: message.read(frame).body.deployment });
  }

  const answering = answerTo(bus, hubDown(hub), ({ device, frame }) => {
    const down = decodeFrame(frame, FRAME_BYTES_MAX_DOWN);
    if (isLost(down)) return { ok: false, code: 'gone' };
    hear(device, down);
    return { ok: true };
  });
  return {
    told,
    offers,
    behave: (with_) => void (behaviour = with_),
    lose: (kind) => new Promise<void>((resolve) => toLose.set(kind, resolve)),
    say,
    progress: (deviceId, deployment, sensors) =>
      send(
        deviceId,
        updateProgress.frame({}, { deployment, attempt: 1, percent: 10, bytes: 10_000, sensors: [...sensors] }),
      ),
    provide: (deviceId, values) => send(deviceId, updateProvides.frame({ id: messageId++ }, { values })),
    log(deviceId, deployment, messages, attempt = 1) {
      const lines = messages.map((message) => ({ atMs: Date.now(), level: 'error' as const, message }));
      send(deviceId, updateLog.frame({ id: messageId++ }, { deployment, attempt, lines }));
    },
    async connect(deviceId) {
      await database
        .updateTable('presence')
        .set({ connected: true, epoch: ++epoch, changed_at: new Date(), reason: null })
        .where('device_id', '=', deviceId)
        .execute();
      publishItems(bus, event(tenantId, 'presence'), [{ device: deviceId, connected: true, ts: Date.now() }]);
    },
    async disconnect(deviceId, reason = 'closed') {
      await database
        .updateTable('presence')
        .set({ connected: false, changed_at: new Date(), reason: reason as 'closed' })
        .where('device_id', '=', deviceId)
        .execute();
    },
    close: () => answering.close(),
  };
}

/** Each is connected, takes updates over its channel, and runs the old software. */
export async function resetHouses(database: Database, tenantId: string, houses: readonly string[]): Promise<void> {
  await database.deleteFrom('device_software').execute();
  await database.deleteFrom('presence').execute();
  await database
    .insertInto('presence')
    .values(
      houses.map((id) => ({
        device_id: id,
        tenant_id: tenantId,
        hub_id: 'hub-of-the-test',
        epoch: 7,
        connected: true,
        reason: null,
        changed_at: new Date(Date.now() - 3600_000),
      })),
    )
    .execute();
  await database
    .insertInto('device_software')
    .values(
      houses.map((id) => ({
        device_id: id,
        tenant_id: tenantId,
        provides: JSON.stringify({ artifact_name: 'old', device_type: 'house' }),
        is_live: true,
        told_by: 'client' as const,
        told_at: new Date(),
        changed_at: null,
        deployment_id: null,
      })),
    )
    .execute();
}
