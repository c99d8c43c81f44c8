/**
 * The hub holds the devices' live connections: it lets devices in by their token alone, gives each connection an epoch,
 * hands frames up to the workers and down to the devices, and says over the bus who is here.
 */
import { randomBytes } from 'node:crypto';
import { controlAck, controlDrain, FRAME_BYTES_MAX_DOWN, ProtocolError, type Frame } from '@lovely/protocol';
import type { DisconnectReason } from '@lovely/api';
import type { Bus } from '../bus/bus.ts';
import {
  apiSession,
  apiSessionClosed,
  claims,
  eventAny,
  hubAck,
  hubControl,
  hubDown,
  revoked,
  rulesChanged,
  tenantDeleted,
  UP_FRAME_BYTES_MAX,
  type Claim,
  type Down,
  type DownAnswer,
  type PresenceChange,
} from '../bus/subjects.ts';
import { answerTo, publishItems, publishTo, subscribeTo } from '../bus/topic.ts';
import { createEpochs } from '../domain/epoch.ts';
import { TokenBucket } from '../domain/token-bucket.ts';
import { LovelyError, type ErrorCode } from '../errors.ts';
import {
  ADMISSIONS_BURST,
  ADMISSIONS_PER_SECOND,
  CLAIM_FLUSH_MS,
  DRAIN_DEADLINE_MS,
  DRAIN_SPREAD_MS,
  HUB_LEASE_MS,
  HUB_LEASE_RENEW_MS,
} from '../limits.ts';
import type { SocketOwner } from '../listener.ts';
import type { Log } from '../log.ts';
import type { Revocations } from '../revocations.ts';
import { listCommandKeys } from '../store/command-keys.ts';
import { endLease, renewLease } from '../store/presence.ts';
import type { Store } from '../store/store.ts';
import { listEvaluatedRules } from '../store/rules.ts';
import { isEveryHouse, rulesByDevice } from '../store/rule-targets.ts';
import { findTenantLimits } from '../store/tenants.ts';
import { bearerToken, type Tokens } from '../tokens.ts';
import { createTenantRates, type TenantRates } from './tenant-rates.ts';
import { createCommandKeys } from './command-keys.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { createRuleSets, type RuleSets } from './device-rules.ts';
import { handleFrame, type HandlerHost } from './handlers.ts';
import type { HubMetrics } from './hub-metrics.ts';
import { createRuleTeller, type RuleTeller } from './rule-teller.ts';
import { createPresenceSender, type PresenceSender } from './presence-sender.ts';
import { createUpSender, type UpSender } from './up-sender.ts';

export interface HubOptions {
  readonly bus: Bus;
  readonly store: Store;
  readonly tokens: Tokens;
  readonly revocations: Revocations;
  readonly heartbeatMs: number;
  readonly log: Log;
  readonly metrics: HubMetrics;
}

export class Hub implements ConnectionHost, HandlerHost {
  readonly id = `hub-${randomBytes(6).toString('hex')}`;
  readonly heartbeatMs: number;
  readonly commandKeys: HandlerHost['commandKeys'];
  readonly nowMs = Date.now;
  readonly #options: HubOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #epochs = createEpochs(Date.now);
  readonly #admissions = new TokenBucket(ADMISSIONS_BURST, Date.now());
  readonly #subscriptions: { close(): Promise<void> }[] = [];
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #presence: PresenceSender;
  readonly #rates: TenantRates;
  readonly #ups: UpSender;
  readonly #ruleSets: RuleSets;
  readonly #rules: RuleTeller;
  #claims: Claim[] = [];
  #draining = false;

  private constructor(options: HubOptions) {
    this.#options = options;
    this.heartbeatMs = options.heartbeatMs;
    this.#presence = createPresenceSender(options.bus, options.log);
    this.#ups = createUpSender(options.bus, options.log);
    this.commandKeys = createCommandKeys(() => listCommandKeys(options.store.database), Date.now);
    this.#rates = createTenantRates(async (tenantId) => {
      const limits = await findTenantLimits(options.store.database, tenantId);
      return limits?.messagesPerSecond ?? undefined;
    }, Date.now);
    const { database } = options.store;
    this.#ruleSets = createRuleSets(
      {
        listRules: (tenantId) => listEvaluatedRules(database, tenantId, 'device'),
        isForAll: ({ target }) => isEveryHouse(target),
        rulesByDevice: (tenantId, rules, deviceIds) => rulesByDevice(database, tenantId, rules, deviceIds),
      },
      Date.now,
    );
    this.#rules = createRuleTeller(this.#ruleSets, () => this.#connections.values(), options.log);
  }

  /** Takes a lease, so that presence believes this hub, and listens to the bus. */
  static async start(options: HubOptions): Promise<Hub> {
    const hub = new Hub(options);
    await renewLease(options.store.database, hub.id, HUB_LEASE_MS);
    hub.#listen();
    return hub;
  }

  get size(): number {
    return this.#connections.size;
  }

  /**
   * Lets a device in, or throws: 'bad-token', 'upgrade-required', 'too-many-requests' or 'draining'. Asks no database.
   */
  async admit(request: Request, address: string): Promise<SocketOwner> {
    const { tokens, revocations } = this.#options;
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') throw new LovelyError('upgrade-required');
    if (this.#draining) throw new LovelyError('draining', undefined, { retryAfterSeconds: 1 });
    if (!this.#admissions.take(ADMISSIONS_PER_SECOND, ADMISSIONS_BURST, Date.now()))
      throw new LovelyError('too-many-requests', 'Too many devices connect at once.', { retryAfterSeconds: 2 });
    const token = bearerToken(request);
    if (!token) throw new LovelyError('bad-token', 'A device token is needed: Authorization: Bearer …');
    const claims = await tokens.verifyDevice(token);
    if (revocations.isRevoked(claims)) throw new LovelyError('bad-token');
    return new Connection(this, claims, address);
  }

  // What connections tell us

  opened(connection: Connection): void {
    const { revocations, metrics } = this.#options;
    const { deviceId } = connection;
    connection.epoch = this.#epochs.next();
    // Between the check at the door and this moment the key may have been revoked.
    if (revocations.isRevoked(connection)) connection.leave('revoked');
    this.#connections.get(deviceId)?.leave('replaced');
    this.#connections.set(deviceId, connection);
    metrics.connections.set(this.size);
    metrics.connects.inc();
    const { address } = connection;
    this.#announce(connection, { connected: true, ...(address ? { address } : {}) });
    connection.address = undefined;
    this.#claims.push({ device: deviceId, epoch: connection.epoch, hub: this.id });
  }

  closed(connection: Connection, reason: DisconnectReason): void {
    const { metrics, bus } = this.#options;
    if (this.#connections.get(connection.deviceId) === connection) this.#connections.delete(connection.deviceId);
    metrics.connections.set(this.size);
    metrics.disconnects.inc({ reason });
    this.#announce(connection, { connected: false, reason });
    for (const [sid, api] of connection.sessions ?? [])
      publishTo(bus, apiSessionClosed(api), { device: connection.deviceId, sid, reason });
    connection.sessions = undefined;
  }

  received(connection: Connection, frame: Frame, bytes: Uint8Array): void {
    this.#options.metrics.framesUp.inc();
    if (bytes.length > UP_FRAME_BYTES_MAX)
      return connection.refuse(
        'frame-too-large',
        `a frame of ${bytes.length} bytes, ${UP_FRAME_BYTES_MAX} allowed`,
        frame,
      );
    try {
      const waiting = handleFrame(this, connection, frame, bytes);
      if (waiting) waiting.catch((error: unknown) => this.#failed(connection, frame, error));
    } catch (error) {
      this.#failed(connection, frame, error);
    }
  }

  refused(connection: Connection, code: ErrorCode, detail: string): void {
    this.#options.metrics.refused.inc({ code });
    this.#options.log.warn({ device: connection.deviceId, reason: code, detail }, 'refused what a device sent');
  }

  hasRoom({ tenantId }: Connection, cost: number): boolean {
    return this.#rates.take(tenantId, cost);
  }

  /** Ends the connections whose tokens are void. */
  leaveRevoked(): void {
    for (const connection of this.#connections.values())
      if (this.#options.revocations.isRevoked(connection)) connection.leave('revoked');
  }

  // What the handlers of frames ask for

  greet(connection: Connection, seenEpoch: number, client: string, instance: string | undefined): void {
    if (seenEpoch >= connection.epoch) {
      const epoch = this.#epochs.after(seenEpoch);
      if (epoch === undefined) return connection.refuse('bad-frame', `the epoch ${seenEpoch} lies in the future`);
      connection.epoch = epoch;
      this.#claims.push({ device: connection.deviceId, epoch, hub: this.id });
    }
    this.#announce(connection, { connected: true, client, ...(instance ? { instance } : {}) });
  }

  async tellRules(connection: Connection): Promise<void> {
    await this.#rules.tell(connection);
  }

  up(connection: Connection, proto: number, bytes: Uint8Array): void {
    const { tenantId: tenant, deviceId: device, epoch, clockOffsetMs } = connection;
    const message = { tenant, device, hub: this.id, epoch, receivedMs: this.nowMs(), frame: bytes };
    this.#ups.add(proto, clockOffsetMs === undefined ? message : { ...message, clockOffsetMs });
  }

  toSession(connection: Connection, frame: Frame, bytes: Uint8Array): boolean {
    const api = connection.sessions?.get(frame.sid);
    if (api === undefined) return false;
    publishTo(this.#options.bus, apiSession(api), { device: connection.deviceId, sid: frame.sid, frame: bytes });
    return true;
  }

  /**
   * Prolongs the lease. While it was gone (the database away, the machine asleep) a worker may have declared our devices
   * lost: we say once more that they are here. Those that went elsewhere have a newer epoch there, which wins.
   */
  async renewLease(): Promise<void> {
    if (await renewLease(this.#options.store.database, this.id, HUB_LEASE_MS)) return;
    for (const connection of this.#connections.values()) this.#announce(connection, { connected: true });
  }

  /**
   * Tells every device when to come back, waits for the closing handshakes up to a deadline, and gives the lease back.
   * The fewer devices there are, the sooner they may return.
   */
  async drain(spreadMs: number = Math.min(DRAIN_SPREAD_MS, this.size)): Promise<void> {
    this.#draining = true;
    for (const connection of this.#connections.values()) {
      connection.send(controlDrain.frame({}, { retryAfterMs: Math.floor(Math.random() * spreadMs) }));
      connection.leave('drained');
    }
    const deadlineMs = Date.now() + DRAIN_DEADLINE_MS;
    while (this.size > 0 && Date.now() < deadlineMs) await Bun.sleep(10);
    for (const connection of this.#connections.values()) this.closed(connection, 'drained');
    for (const timer of this.#timers) clearInterval(timer);
    this.#ups.flush();
    this.#rules.close();
    await this.#presence.close(AbortSignal.timeout(DRAIN_DEADLINE_MS));
    await Promise.all(this.#subscriptions.map((subscription) => subscription.close()));
    // A bus that is away must not keep the process: what it can't carry now is found out by the lease.
    await Promise.race([this.#options.bus.flush(), Bun.sleep(DRAIN_DEADLINE_MS)]);
    await endLease(this.#options.store.database, this.id);
  }

  #failed(connection: Connection, frame: Frame, error: unknown): void {
    if (error instanceof ProtocolError) {
      connection.refuse('bad-frame', error.message, frame);
      return;
    }
    const { deviceId: device } = connection;
    this.#options.log.error({ error, device, proto: frame.proto, typ: frame.typ }, 'a frame could not be handled');
    connection.refuse('internal', 'The message could not be handled.', frame);
    // Its hello may be without an answer or without rules: it comes back and says everything again.
    connection.leave('drained');
  }

  #listen(): void {
    const { bus, revocations, log } = this.#options;
    this.#subscriptions.push(
      answerTo(bus, hubDown(this.id), (down) => this.#down(down)),
      subscribeTo(bus, hubAck(this.id), (acks) => {
        for (const { device, epoch, ids } of acks) {
          const connection = this.#connections.get(device);
          if (connection?.epoch === epoch) connection.send(controlAck.frame({}, { ids }));
        }
      }),
      // Not awaited: draining waits for the end of this very handler.
      subscribeTo(bus, hubControl(this.id), ({ spreadMs }) => {
        this.drain(spreadMs).catch((error: unknown) => log.error({ error }, 'this hub could not drain to the end'));
      }),
      subscribeTo(bus, claims, (batch) => {
        for (const { device, epoch, hub } of batch) {
          this.#epochs.observe(epoch);
          const connection = this.#connections.get(device);
          if (connection && hub !== this.id && epoch > connection.epoch) connection.leave('replaced');
        }
      }),
      subscribeTo(bus, revoked, ({ device, authSetIds, revokedAtMs }) => {
        revocations.add(authSetIds.map((authSetId) => ({ authSetId, revokedAtMs })));
        const connection = this.#connections.get(device);
        if (connection && revocations.isRevoked(connection)) connection.leave('revoked');
      }),
      subscribeTo(bus, tenantDeleted, ({ tenant }) => {
        revocations.voidTenants([tenant]);
        this.leaveRevoked();
      }),
      subscribeTo(bus, rulesChanged, ({ tenant }) => {
        this.#ruleSets.forget(tenant);
        this.#rules.tellSoon([...this.#connections.values()].filter(({ tenantId }) => tenantId === tenant));
      }),
      // Who is of which type and in which group has a say in the rules of some tenants.
      subscribeTo(bus, eventAny('device'), (events) => this.#mayHaveOtherRules(events.map(({ device }) => device))),
      subscribeTo(bus, eventAny('group'), (events) =>
        this.#mayHaveOtherRules(events.flatMap(({ devices }) => devices)),
      ),
    );
    const renew = (): void => {
      this.renewLease().catch((error: unknown) => log.error({ error }, 'the lease of this hub could not be renewed'));
    };
    this.#timers.push(
      setInterval(() => this.#flush(), CLAIM_FLUSH_MS),
      setInterval(renew, HUB_LEASE_RENEW_MS),
    );
  }

  #mayHaveOtherRules(deviceIds: readonly string[]): void {
    const here = deviceIds.flatMap((id) => this.#connections.get(id) ?? []);
    this.#rules.tellSoon(here.filter(({ tenantId }) => this.#ruleSets.isByDevice(tenantId)));
  }

  /** A frame for a device: refused when the device isn't here, so that the sender looks it up again. */
  #down({ device, epoch, frame, api, sid }: Down): DownAnswer {
    const connection = this.#connections.get(device);
    if (!connection || (epoch !== undefined && epoch !== connection.epoch)) return { ok: false, code: 'gone' };
    if (frame.length > FRAME_BYTES_MAX_DOWN) return { ok: false, code: 'busy' };
    if (sid !== undefined) {
      if (api !== undefined) (connection.sessions ??= new Map()).set(sid, api);
      else connection.sessions?.delete(sid);
    }
    this.#options.metrics.framesDown.inc();
    return connection.sendBytes(frame) ? { ok: true } : { ok: false, code: 'busy' };
  }

  #announce(
    connection: Connection,
    change: Pick<PresenceChange, 'connected' | 'reason' | 'client' | 'instance' | 'address'>,
  ): void {
    const { tenantId: tenant, deviceId: device, epoch } = connection;
    this.#presence.add({ tenant, device, hub: this.id, epoch, ts: Date.now(), ...change });
  }

  #flush(): void {
    const claimed = this.#claims;
    this.#claims = [];
    publishItems(this.#options.bus, claims, claimed);
  }
}
