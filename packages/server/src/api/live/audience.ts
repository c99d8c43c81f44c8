/**
 * Everybody who sees the same houses, and what has happened to these since the last turn. Nothing of any other house gets
 * through: an event counts for a device that is in the scope once the map has been brought up to date with it. To those
 * who saw a device that has left the scope, it is gone.
 */
import type { FeedEvent, FleetSummary } from '@lovely/protocol';
import { isOfGroup, type DeviceScope } from '../../domain/device-scope.ts';
import { LIVE_SUMMARY_MS, LIVE_TICK_MS } from '../../limits.ts';
import { countFleet } from '../../store/fleet.ts';
import type { Database } from '../../store/store.ts';
import type { FleetMap } from '../map/fleet-map.ts';
import type { FleetMaps } from '../map/fleet-maps.ts';
import type { Viewer } from './viewer.ts';

/** How much of the time the database may spend on counting one scope for its viewers. */
const COUNTING_SHARE = 0.1;

interface Heard {
  readonly event: FeedEvent;
  /** Whether the device was in the scope when it happened. */
  readonly wasSeen: boolean;
}

export class Audience {
  readonly tenantId: string;
  readonly viewers = new Set<Viewer>();
  readonly #database: Database;
  readonly #maps: FleetMaps;
  readonly #scope: DeviceScope;
  #map: FleetMap;
  #heard: Heard[] = [];
  #healthChanges = 0;
  #isSummaryStale = false;
  #isTurning = false;
  #turnedAtMs = -Infinity;
  #toldAtMs = -Infinity;
  #isSummarising = false;
  #summaryMs = LIVE_SUMMARY_MS;
  #summariseAfterMs = 0;

  constructor(database: Database, maps: FleetMaps, tenantId: string, map: FleetMap) {
    this.#database = database;
    this.#maps = maps;
    this.#map = map;
    this.#scope = map.scope;
    this.tenantId = tenantId;
  }

  hear(events: readonly FeedEvent[]): void {
    for (const event of events) this.#heard.push({ event, wasSeen: this.#map.has(event.deviceId) });
  }

  /** Reports are many and tell nobody that a device is new: those of devices that aren't seen are dropped at once. */
  hearReports(events: readonly FeedEvent[]): void {
    this.hear(events.filter((event) => this.#map.has(event.deviceId)));
  }

  hearHealth(deviceIds: readonly string[]): void {
    const seen = deviceIds.filter((id) => this.#map.has(id)).length;
    this.#healthChanges += seen;
    if (seen > 0) this.#isSummaryStale = true;
  }

  hearGroup(groupId: string, deviceIds: readonly string[]): void {
    const ts = Date.now();
    if (isOfGroup(this.#scope, groupId))
      this.hear(deviceIds.map((deviceId) => ({ kind: 'device', deviceId, ts, change: 'updated' })));
  }

  /**
   * Tells each viewer what happened and which cells of its tiles changed, when it is time: what happens in a quiet moment
   * is told at once, and what follows in one message every LIVE_TICK_MS. One turn at a time.
   */
  async turn(): Promise<void> {
    const nowMs = performance.now();
    const isNews = this.#heard.length > 0 && nowMs - this.#toldAtMs >= LIVE_TICK_MS;
    if (this.#isTurning || (!isNews && nowMs - this.#turnedAtMs < LIVE_TICK_MS)) return;
    this.#isTurning = true;
    try {
      const heard = this.#heard;
      this.#heard = [];
      this.#turnedAtMs = nowMs;
      if (heard.length > 0) this.#toldAtMs = nowMs;
      // Asking for it keeps it in use, and brings it up to date with what was heard.
      this.#map = await this.#maps.of(this.tenantId, this.#scope);
      const events = this.#seen(heard);
      if (events.some((event) => event.kind !== 'status')) this.#isSummaryStale = true;
      for (const viewer of this.viewers) viewer.push(events, this.#map.index);
    } finally {
      this.#isTurning = false;
    }
  }

  /** Tells the counts when they may have changed; where counting takes long, it is done less often. */
  async summarise(): Promise<void> {
    const startMs = performance.now();
    if (!this.#isSummaryStale || this.#isSummarising || startMs < this.#summariseAfterMs) return;
    this.#isSummarising = true;
    try {
      const changesPerSecond = Math.round(this.#healthChanges / (this.#summaryMs / 1000));
      this.#healthChanges = 0;
      // A rate above zero must be seen to fall to zero again.
      this.#isSummaryStale = changesPerSecond > 0;
      const summary = await this.readSummary(changesPerSecond);
      for (const viewer of this.viewers) viewer.summary(summary);
      this.#summaryMs = Math.max(LIVE_SUMMARY_MS, (performance.now() - startMs) / COUNTING_SHARE);
      // Timers may come a little early.
      this.#summariseAfterMs = startMs + this.#summaryMs - LIVE_SUMMARY_MS / 2;
    } catch (error) {
      this.#isSummaryStale = true;
      throw error;
    } finally {
      this.#isSummarising = false;
    }
  }

  async readSummary(changesPerSecond: number): Promise<FleetSummary> {
    const { health, unplaced: _, ...counts } = await countFleet(this.#database, this.tenantId, this.#scope);
    return { ts: Date.now(), ...counts, ...health, changesPerSecond };
  }

  #seen(heard: readonly Heard[]): FeedEvent[] {
    const gone = new Set<string>();
    return heard.flatMap(({ event, wasSeen }) => {
      const { deviceId, ts } = event;
      if (this.#map.has(deviceId)) return [event];
      if (!wasSeen || gone.has(deviceId)) return [];
      gone.add(deviceId);
      return [{ kind: 'device', deviceId, ts, change: 'deleted' }];
    });
  }
}
