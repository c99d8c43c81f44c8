/** What of the page of versions stands in its address. */
import { z } from 'zod';

const text = z.string().optional().catch(undefined);

export const versionsSearch = z.object({
  /** What is looked at: `artifact_name` without it. */
  key: text,
  deviceType: text,
  group: z.uuid().optional().catch(undefined),
  /** Houses that run this, or anything but this. */
  value: text,
  not: text,
  drifting: z.literal(true).optional().catch(undefined),
});
export type VersionsSearch = z.infer<typeof versionsSearch>;
