/** One browser on the live channel: which tiles it sees, and what it was told last. */
import {
  CHANGES_MAX,
  encodeFrame,
  decodeFrame,
  FEED_EVENTS_MAX,
  feedEvents,
  feedSummary,
  FRAME_BYTES_MAX_UP,
  mapChanges,
  mapWatch,
  ProtocolError,
  controlError,
  controlPing,
  controlPong,
  type FeedEvent,
  type FleetSummary,
  type MapChange,
} from '@lovely/protocol';
import { ERRORS } from '../../errors.ts';
import type { Socket, SocketOwner } from '../../listener.ts';
import type { FleetIndex } from '../map/index/fleet-index.ts';
import { isTile } from '../map/index/fleet-index.ts';
import type { Tile } from '../map/index/walk.ts';

const GOING_AWAY = 1001;
/** A browser with this much unread is skipped: sequence numbers let it catch up later. */
const UNREAD_BYTES_MAX = 256 * 1024;

interface WatchedTile extends Tile {
  since: number;
}

export class Viewer implements SocketOwner {
  readonly #on: { opened(): void; closed(): void };
  #socket: Socket | undefined;
  #zoom = 0;
  #tiles: WatchedTile[] = [];

  constructor(on: { opened(): void; closed(): void }) {
    this.#on = on;
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    this.#on.opened();
  }

  received(socket: Socket, bytes: Uint8Array): void {
    try {
      const frame = decodeFrame(bytes, FRAME_BYTES_MAX_UP);
      if (controlPing.is(frame)) {
        socket.send(encodeFrame(controlPong.frame({}, undefined, frame.sid)));
        return;
      }
      const { z, tiles } = mapWatch.read(frame).body;
      const watched = tiles.map(({ x, y, since }) => ({ z, x, y, since }));
      if (!watched.every(isTile)) throw new ProtocolError('bad-message', 'there is no such tile');
      this.#zoom = z;
      this.#tiles = watched;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      socket.send(
        encodeFrame(
          controlError.frame(
            {},
            { err: error.message, close: false, code: ERRORS['bad-frame'][0], reason: 'bad-frame' },
          ),
        ),
      );
    }
  }

  drained(): void {}

  closed(): void {
    this.#socket = undefined;
    this.#on.closed();
  }

  summary(summary: FleetSummary): void {
    this.#socket?.send(encodeFrame(feedSummary.frame({}, summary)));
  }

  /** Tells what happened and which cells changed; a browser that can't keep up misses events, but never a cell. */
  push(events: readonly FeedEvent[], index: FleetIndex): void {
    const socket = this.#socket;
    if (!socket || socket.getBufferedAmount() > UNREAD_BYTES_MAX) return;
    const told = mostImportant(events);
    if (told.length > 0) socket.send(encodeFrame(feedEvents.frame({}, told)));
    let changes: MapChange[] = [];
    let isStale = false;
    for (const tile of this.#tiles) {
      const since = index.changes(tile, tile.since);
      if (since.kind === 'reload') isStale = true;
      else changes.push(...since.changes);
      tile.since = since.seq;
    }
    // More than one message takes: fetching the tiles anew is less work than patching them.
    if (changes.length > CHANGES_MAX) [changes, isStale] = [[], true];
    if (changes.length > 0 || isStale)
      socket.send(
        encodeFrame(mapChanges.frame({}, { z: this.#zoom, seq: index.seq, stale: isStale ? 1 : 0, changes })),
      );
  }

  end(): void {
    this.#socket?.close(GOING_AWAY, 'draining');
  }
}

/** Alerts, presence and devices come before mere reports when there is more than one message takes. */
function mostImportant(events: readonly FeedEvent[]): FeedEvent[] {
  if (events.length <= FEED_EVENTS_MAX) return [...events];
  const [reports, news] = [
    events.filter((event) => event.kind === 'status'),
    events.filter((event) => event.kind !== 'status'),
  ];
  return [...news, ...reports].slice(0, FEED_EVENTS_MAX);
}
