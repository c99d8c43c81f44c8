/** Incidents: the same problem of many houses at once, seen as one thing. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { alertState, id, person, place, severity, time } from '../nouns.ts';
import { alertAction, alertsChanged } from './alerts.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/** What the houses of an incident have in common, and how common that is in the whole fleet. */
export const incidentTrait = z.object({
  /** `region` is the end of the address, of houses that are not on the map. */
  attribute: z.enum(['model', 'firmware', 'client', 'network', 'region']),
  value: z.string(),
  /** From 0 to 1: of the houses of the incident, and of all houses. */
  share: z.number(),
  fleetShare: z.number(),
});
export type IncidentTrait = z.infer<typeof incidentTrait>;

export const incident = z.object({
  id,
  /** As "Gateway offline · 5,000 houses around Milan". */
  title: z.string(),
  rule: z.string(),
  ruleTitle: z.string(),
  severity,
  /**
   * What makes it one thing: `place`: houses near each other; `outage`: these went offline together, so power or the
   * provider has failed; `trait`: something they have in common, named in `traits`; `fleet`: many houses anywhere.
   */
  kind: z.enum(['place', 'outage', 'trait', 'fleet']),
  cause: z.string(),
  /** Steps in plain words. */
  suggestion: z.array(z.string()),
  /** Open, acknowledged, snoozed or closed as a whole. New alerts of it are taken in the same way. */
  state: alertState,
  /** As "around Milan"; empty where the houses are anywhere. */
  where: z.string(),
  /** The middle of the houses, and how far from it most of them are. */
  location: place.nullable(),
  radiusKm: z.number().nullable(),
  /** The most telling first. */
  traits: z.array(incidentTrait),
  /** Houses with an alert of it that isn't closed, now and at most; and how many came to it in the last hour. */
  houses: z.number().int(),
  housesMax: z.number().int(),
  housesLastHour: z.number().int(),
  /** Alerts of it: all, and those that are not closed. */
  alerts: z.number().int(),
  activeAlerts: z.number().int(),
  /** When the first and the newest alert of it were opened. */
  firstAt: time,
  lastAt: time,
  assignee: person.nullable(),
  acknowledgedAt: time.nullable(),
  snoozedUntil: time.nullable(),
  closedAt: time.nullable(),
});
export type Incident = z.infer<typeof incident>;

export const incidentDetail = incident.extend({
  /** Houses with a problem over time, oldest first, evenly spaced. */
  series: z.array(z.object({ at: time, houses: z.number().int() })),
  /** Some of its alerts, to look at one; all of them are listed by GET /api/v1/alerts?incidentId= */
  alertIds: z.array(id),
});
export type IncidentDetail = z.infer<typeof incidentDetail>;

export const listIncidents = endpoint({
  method: 'GET',
  path: '/api/v1/incidents',
  summary: 'Incidents, newest first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    /** `active` is all that aren't closed. */
    state: z.enum([...alertState.options, 'active']).optional(),
    rule: z.string().max(128).optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(incident), next: z.string().nullable() }),
  status: 200,
});

export const getIncident = endpoint({
  method: 'GET',
  path: '/api/v1/incidents/{id}',
  summary: 'One incident with its course',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: incidentDetail,
  status: 200,
});

export const changeIncident = endpoint({
  method: 'POST',
  path: '/api/v1/incidents/{id}/changes',
  summary: 'Do one thing to all alerts of an incident, those that join it later too',
  access: 'alert.write',
  action: 'incident.change',
  params: byId,
  query: none,
  body: z.object({ action: alertAction }),
  result: alertsChanged,
  status: 200,
});
