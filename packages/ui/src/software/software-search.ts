/** What the address of the software page holds. */
import { z } from 'zod';

export const softwareSearch = z.object({
  search: z.string().optional().catch(undefined),
  deviceType: z.string().optional().catch(undefined),
  type: z.string().optional().catch(undefined),
  tag: z.string().optional().catch(undefined),
});
export type SoftwareSearch = z.infer<typeof softwareSearch>;
