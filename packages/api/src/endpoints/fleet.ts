/** The fleet as a whole: counts, the map's clusters, towns to search. Tiles themselves are binary, see `path.ts`. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { PLACES_MAX } from '../limits.ts';
import { alertGroup, device, town } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
/** west,south,east,north in degrees; west may be greater than east across the antimeridian. */
const box = z.string().regex(/^-?[\d.]+(,-?[\d.]+){3}$/, 'four numbers: west,south,east,north');

export const getFleet = endpoint({
  method: 'GET',
  path: '/api/v1/fleet',
  summary: 'How many devices are in which state, and what needs attention',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({
    devices: z.number().int(),
    connected: z.number().int(),
    pending: z.number().int(),
    /** Accepted devices without a place on the map. */
    unplaced: z.number().int(),
    health: z.object({
      ok: z.number(),
      warning: z.number(),
      critical: z.number(),
      offline: z.number(),
      unknown: z.number(),
    }),
    groups: z.array(alertGroup),
  }),
  status: 200,
});

export const listClusters = endpoint({
  method: 'GET',
  path: '/api/v1/map/clusters',
  summary: 'Houses in view, counted by map cell',
  access: 'fleet.read',
  params: none,
  query: z.object({ box, level: z.coerce.number().int().min(2).max(16) }),
  body: nothing,
  result: z.object({
    clusters: z.array(
      z.object({
        cell: z.number(),
        longitude: z.number(),
        latitude: z.number(),
        houses: z.number(),
        warning: z.number(),
        bad: z.number(),
      }),
    ),
  }),
  status: 200,
});

export const listHousesInView = endpoint({
  method: 'GET',
  path: '/api/v1/map/houses',
  summary: 'Houses in view, worst health first: the list twin of the map',
  access: 'fleet.read',
  params: none,
  query: z.object({ box, limit: z.coerce.number().int().min(1).max(200).default(50) }),
  body: nothing,
  result: z.object({ items: z.array(device), total: z.number().int() }),
  status: 200,
});

export const searchTowns = endpoint({
  method: 'GET',
  path: '/api/v1/towns',
  summary: 'Towns of the world by name, largest first; works offline',
  access: 'person',
  params: none,
  query: z.object({
    search: z.string().min(1).max(100),
    limit: z.coerce.number().int().min(1).max(PLACES_MAX).default(8),
  }),
  body: nothing,
  result: z.object({ items: z.array(town) }),
  status: 200,
});
