/** A saved filter of devices, in the terms of Mender's inventory search (COMPAT section 3.3). */
import { z } from 'zod';
import { FILTER_CONDITIONS_MAX, FILTER_VALUES_MAX, NAME_LENGTH_MAX } from './limits.ts';

const text = z.string().max(NAME_LENGTH_MAX);

export const deviceCondition = z.object({
  /**
   * `identity` and `inventory` hold what devices say of themselves, `tags` what people say. `identity/status` is the
   * device's status; `system` has `name`, `address`, `health`, `created_ts`, `updated_ts` and `group`.
   */
  scope: z.enum(['identity', 'inventory', 'system', 'tags']),
  attribute: z.string().min(1).max(NAME_LENGTH_MAX),
  /** `$regex` is PostgreSQL's; `$gt` and its like compare numbers as numbers, everything else as text. */
  type: z.enum(['$eq', '$ne', '$in', '$nin', '$gt', '$gte', '$lt', '$lte', '$exists', '$regex']),
  /** A list for `$in` and `$nin`, a boolean for `$exists`, else one value. */
  value: z.union([text, z.number(), z.boolean(), z.array(text).max(FILTER_VALUES_MAX)]),
});
export type DeviceCondition = z.infer<typeof deviceCondition>;

/** A device passes when every condition holds. */
export const deviceFilter = z.object({ all: z.array(deviceCondition).min(1).max(FILTER_CONDITIONS_MAX) });
export type DeviceFilter = z.infer<typeof deviceFilter>;
