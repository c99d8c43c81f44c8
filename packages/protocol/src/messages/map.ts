/** Map (0x0200, browser channel): the cells of the visible tiles, as they change. */
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { fields, integer, list, type Read } from '../shape.ts';

export const WATCHED_TILES_MAX = 64;
/** Each change is eleven MessagePack values, and one message may hold VALUES_MAX. */
export const CHANGES_MAX = 5_000;

const coordinate = integer(0, 2 ** 24);
const sequence = integer(0, Number.MAX_SAFE_INTEGER);
const count = integer(0, 2 ** 32);

/** ← browser. The tiles now visible, each with the sequence number it was last in step with (0 = never). */
export const mapWatch = message(
  PROTO.map,
  'watch',
  {},
  fields({
    z: integer(0, 24),
    tiles: list(fields({ x: coordinate, y: coordinate, since: sequence }), WATCHED_TILES_MAX),
  }),
);

const change = fields({ id: sequence, n: count, w: count, b: count, h: integer(0, 7) });
export type MapChange = Read<typeof change>;

/**
 * → browser. What changed in the watched tiles of zoom `z`: feature `id` of the vector tile now stands for `n` houses,
 * of which `w` have a warning and `b` are down; `h` is the health of a lone house. `stale` says that houses were added,
 * moved or removed, so that the tiles must be fetched again.
 */
export const mapChanges = message(
  PROTO.map,
  'changes',
  {},
  fields({ z: integer(0, 24), seq: sequence, stale: integer(0, 1), changes: list(change, CHANGES_MAX) }),
);
