/**
 * Keeps the marks that are drawn in step with the server.
 *
 *     browser                                    server
 *       │  GET tile ──────────────────────────────▶│
 *       │◀────────────────── features, as of seq 7 │   `fetched`
 *       │  watch {tile, since 7} ─────────────────▶│   `look`
 *       │◀─────────── changes since 7, as of seq 9 │   `received`: feature-state over the tile's own values
 *
 * A tile is watched from the sequence number on that its marks are true for: that of the fetched tile, later that of the
 * last changes. It is never watched from 0, so the server is never asked for a whole tile twice.
 *
 * A mark's state may outlive its truth: once its tile is out of view nobody tells of its changes, and the same house is
 * in the tiles of other zooms too. So all states are forgotten when the zoom changes, and watching begins again at the
 * tiles' own numbers. Tiles of the same zoom that come back into view go on where they were left.
 */
import type { MapChange } from '@lovely/protocol';
import { tileKey, type TileId } from './visible-tiles.ts';

export interface WatchedTile extends TileId {
  readonly since: number;
}

export interface TileSyncHooks {
  /** Ask for the changes of these tiles, and of no others; `watch` comes back through `confirmed`. */
  watch(z: number, tiles: readonly WatchedTile[], watch: number): void;
  apply(changes: readonly MapChange[]): void;
  /** Drop all states: the tiles' own values hold again. */
  forget(): void;
  /** Fetch these tiles again. */
  refetch(tiles: readonly TileId[]): void;
}

export interface Changes {
  readonly z: number;
  readonly seq: number;
  readonly stale: number;
  readonly changes: readonly MapChange[];
}

/** More than the map keeps in its own cache, so that the number of every tile it can show is known. */
const FETCHED_MAX = 4_096;
/** Houses may be added by the thousand: their tiles are fetched again at most this often. */
const REFETCH_INTERVAL_MS = 1_000;
/** The map may decide not to fetch a tile after all. */
const REFETCH_DEADLINE_MS = 5_000;
/** Tiles of one view come one after the other; they are watched with one message. */
const WATCH_DELAY_MS = 40;

export class TileSync {
  readonly #hooks: TileSyncHooks;
  readonly #fetched = new Map<string, number>();
  readonly #synced = new Map<string, number>();
  #zoom = -1;
  #visible: readonly TileId[] = [];
  #watched: readonly TileId[] = [];
  #watch = 0;
  #confirmed = 0;
  /** Tiles that were asked for again and have not come yet. */
  readonly #awaited = new Set<string>();
  #refetchedAt = -Infinity;
  #refetchTimer: ReturnType<typeof setTimeout> | undefined;
  #awaitTimer: ReturnType<typeof setTimeout> | undefined;
  #watchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(hooks: TileSyncHooks) {
    this.#hooks = hooks;
  }

  close(): void {
    clearTimeout(this.#refetchTimer);
    clearTimeout(this.#awaitTimer);
    clearTimeout(this.#watchTimer);
  }

  /** The map has got a tile; `seq` undefined means that it could not be fetched. */
  fetched(tile: TileId, seq: number | undefined): void {
    const key = tileKey(tile);
    if (seq !== undefined) {
      this.#fetched.delete(key);
      this.#fetched.set(key, seq);
      if (this.#fetched.size > FETCHED_MAX) this.#fetched.delete(this.#fetched.keys().next().value!);
    }
    if (this.#awaited.delete(key) && this.#awaited.size === 0) this.#restart();
    else this.#watchSoon();
  }

  /** These tiles are in view now; all of one zoom. */
  look(tiles: readonly TileId[]): void {
    const zoom = tiles[0]?.z ?? this.#zoom;
    this.#visible = tiles;
    const wasAwaiting = this.#awaited.size > 0;
    const inView = new Set(tiles.map(tileKey));
    for (const key of this.#awaited) if (!inView.has(key)) this.#awaited.delete(key);
    if (zoom !== this.#zoom || (wasAwaiting && this.#awaited.size === 0)) {
      this.#zoom = zoom;
      this.#restart();
    } else {
      this.#watchSoon();
    }
  }

  received({ z, seq, stale, changes }: Changes): void {
    if (z !== this.#zoom) return;
    this.#hooks.apply(changes);
    // A message that was under way before the server knew the present watch says nothing about its new tiles.
    if (this.#confirmed === this.#watch) for (const tile of this.#watched) this.#synced.set(tileKey(tile), seq);
    if (stale === 1) this.#refetchSoon();
  }

  /** The server has the watch of this number, and everything received from now on answers it. */
  confirmed(watch: number): void {
    this.#confirmed = watch;
  }

  /** The channel is open again, perhaps to a server with other numbers: nothing that was known holds. */
  reconnected(): void {
    this.#fetched.clear();
    this.#refetchedAt = -Infinity;
    this.#refetchSoon();
  }

  /** The channel is open for the first time. */
  connected(): void {
    this.#watchSoon();
  }

  #restart(): void {
    clearTimeout(this.#awaitTimer);
    this.#awaited.clear();
    this.#synced.clear();
    this.#hooks.forget();
    this.#watchSoon();
  }

  #watchSoon(): void {
    this.#watchTimer ??= setTimeout(() => {
      this.#watchTimer = undefined;
      const watched = this.#visible.flatMap((tile) => {
        const key = tileKey(tile);
        const since = this.#synced.get(key) ?? this.#fetched.get(key);
        return since === undefined ? [] : [{ ...tile, since }];
      });
      this.#watched = watched;
      this.#hooks.watch(Math.max(0, this.#zoom), watched, ++this.#watch);
    }, WATCH_DELAY_MS);
  }

  #refetchSoon(): void {
    if (this.#refetchTimer !== undefined || this.#awaited.size > 0) return;
    const waitMs = Math.max(0, this.#refetchedAt + REFETCH_INTERVAL_MS - Date.now());
    this.#refetchTimer = setTimeout(() => {
      this.#refetchTimer = undefined;
      this.#refetchedAt = Date.now();
      for (const tile of this.#visible) this.#awaited.add(tileKey(tile));
      this.#awaitTimer = setTimeout(() => this.#restart(), REFETCH_DEADLINE_MS);
      this.#hooks.refetch(this.#visible);
    }, waitMs);
  }
}
