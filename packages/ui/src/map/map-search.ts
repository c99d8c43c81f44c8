/** What of the map stands in its address: `?at=12.49,41.89,9.5&mode=clusters&house=…&list=true`. */
import { z } from 'zod';

export const MAP_MODES = ['lights', 'clusters'] as const;
export type MapMode = (typeof MAP_MODES)[number];

export const mapSearch = z.object({
  /** See `parseView`; the whole world when it is missing. */
  at: z.string().optional().catch(undefined),
  mode: z.enum(MAP_MODES).optional().catch(undefined),
  /** The selected house's device id. */
  house: z.uuid().optional().catch(undefined),
  /** Whether the list of the houses in view is open. */
  list: z.boolean().optional().catch(undefined),
});
export type MapSearch = z.infer<typeof mapSearch>;
