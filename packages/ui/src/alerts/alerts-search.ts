/** What the address of the inbox says: which tab, which group of alerts, which alert. */
import type { AlertState } from '@lovely/api';
import { z } from 'zod';

export const alertsSearch = z.object({
  /** Open where it is missing. */
  tab: z.enum(['acknowledged', 'snoozed', 'closed', 'mine']).optional().catch(undefined),
  /** `incident:<id>`, or `rule:<key>` for the alerts of a rule. */
  group: z
    .string()
    .regex(/^(incident|rule):./)
    .optional()
    .catch(undefined),
  alert: z.uuid().optional().catch(undefined),
});
export type AlertsSearch = z.infer<typeof alertsSearch>;
export type AlertsTab = AlertsSearch['tab'];

/** Which alerts a tab shows; those that somebody looks after are in any state but closed. */
export function stateOfTab(tab: AlertsTab): AlertState | 'active' {
  if (tab === undefined) return 'open';
  return tab === 'mine' ? 'active' : tab;
}
