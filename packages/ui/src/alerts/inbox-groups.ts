/** The rows of the inbox: incidents, and what else there is by rule. */
import type { Alert, Incident, Rule, Severity } from '@lovely/api';

export interface InboxGroup {
  /** As the address has it. */
  readonly id: string;
  readonly title: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly detail: string;
  /** Houses of an incident, alerts of a rule. */
  readonly count: number;
  /** How many came within the last hour. */
  readonly lastHour: number;
}

type KnownRule = Pick<Rule, 'key' | 'severity' | 'suggestion'>;
type RuleCount = { readonly rule: string; readonly title: string; readonly alerts: number };
type IncidentPart = Pick<
  Incident,
  | 'id'
  | 'title'
  | 'rule'
  | 'severity'
  | 'where'
  | 'suggestion'
  | 'houses'
  | 'housesMax'
  | 'housesLastHour'
  | 'activeAlerts'
>;

/** Incidents, and the rules that have alerts beside them; worst first, then by how many. */
export function inboxGroups(
  incidents: readonly IncidentPart[],
  counts: readonly RuleCount[],
  rules: readonly KnownRule[],
): InboxGroup[] {
  const ofIncidents = new Map<string, number>();
  for (const { rule, activeAlerts } of incidents) ofIncidents.set(rule, (ofIncidents.get(rule) ?? 0) + activeAlerts);
  const groups = [
    ...incidents.map((incident) => ({
      id: `incident:${incident.id}`,
      title: incident.title,
      rule: incident.rule,
      severity: incident.severity,
      detail: incident.where === '' ? (incident.suggestion[0] ?? '') : incident.where,
      count: incident.houses === 0 ? incident.housesMax : incident.houses,
      lastHour: incident.housesLastHour,
    })),
    // A rule whose alerts are all in incidents would only say the same again.
    ...counts
      .filter(({ rule, alerts }) => alerts > (ofIncidents.get(rule) ?? 0))
      .map((counted) => ruleGroup(counted, rules)),
  ];
  return groups.toSorted(
    (one, other) =>
      Number(other.severity === 'critical') - Number(one.severity === 'critical') || other.count - one.count,
  );
}

/** How many alerts there are of each rule. */
export function countByRule(alerts: readonly Pick<Alert, 'rule' | 'title'>[]): RuleCount[] {
  const counts = new Map<string, RuleCount>();
  for (const { rule, title } of alerts) counts.set(rule, { rule, title, alerts: (counts.get(rule)?.alerts ?? 0) + 1 });
  return [...counts.values()];
}

function ruleGroup({ rule: key, title, alerts }: RuleCount, rules: readonly KnownRule[]): InboxGroup {
  const rule = rules.find((candidate) => candidate.key === key);
  return {
    id: `rule:${key}`,
    title,
    rule: key,
    severity: rule?.severity ?? 'warning',
    detail: rule?.suggestion[0] ?? '',
    count: alerts,
    lastHour: 0,
  };
}
