/** Alerts counted by their rule. */
import type { Alert, AlertGroup } from '@lovely/api';

/** One group a rule, the rule of most devices first. */
export function groupsOf(alerts: readonly Alert[]): AlertGroup[] {
  const groups = new Map<string, { newest: Alert; devices: Set<string> }>();
  for (const alert of alerts) {
    const group = groups.get(alert.rule) ?? { newest: alert, devices: new Set() };
    group.devices.add(alert.deviceId);
    groups.set(alert.rule, group);
  }
  return [...groups.values()]
    .map(({ newest: { rule, title, severity, suggestion }, devices }) => ({
      rule,
      title,
      severity,
      suggestion: suggestion[0] ?? '',
      devices: devices.size,
    }))
    .toSorted((a, b) => b.devices - a.devices);
}
