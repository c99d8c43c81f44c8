/** Alerts, what happened to them, and incidents. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { AlertEventKind, AlertState, Incident, IncidentTrait, Severity } from '@lovely/api';
import type { Time } from './columns.ts';

/** Made by PostgreSQL from the columns beside it. */
type State = ColumnType<AlertState, never, never>;

export interface AlertTables {
  alerts: {
    id: string;
    tenant_id: string;
    device_id: string;
    source: string;
    rule: string;
    severity: Severity;
    description: string;
    values: JSONColumnType<Record<string, string | number | boolean>>;
    opened_at: Time;
    closed_at: Time | null;
    count: Generated<number>;
    acknowledged_at: Time | null;
    /** No reference: who is no user any more is simply not found. */
    acknowledged_by: string | null;
    assignee_id: string | null;
    snoozed_until: Time | null;
    closed_by: 'device' | 'server' | 'user' | null;
    closed_by_user: string | null;
    close_reason: string | null;
    reopened: Generated<number>;
    last_raised_at: Time;
    active_since: Time;
    incident_id: string | null;
    comments: Generated<number>;
    state: State;
  };
  alert_events: {
    id: Generated<number>;
    tenant_id: string;
    alert_id: string;
    at: Time;
    kind: AlertEventKind;
    actor_id: string | null;
    actor_name: string | null;
    text: Generated<string>;
    details: JSONColumnType<Record<string, unknown>>;
  };
  incidents: {
    id: Generated<string>;
    tenant_id: string;
    rule: string;
    kind: Incident['kind'];
    severity: Severity;
    trait: JSONColumnType<Pick<IncidentTrait, 'attribute' | 'value'>> | null;
    place: Generated<string>;
    latitude: number | null;
    longitude: number | null;
    radius_km: number | null;
    traits: JSONColumnType<IncidentTrait[]>;
    houses: Generated<number>;
    houses_max: Generated<number>;
    houses_last_hour: Generated<number>;
    alerts: Generated<number>;
    active_alerts: Generated<number>;
    first_at: Time;
    last_at: Time;
    acknowledged_at: Time | null;
    acknowledged_by: string | null;
    assignee_id: string | null;
    snoozed_until: Time | null;
    closed_at: Time | null;
    state: State;
    merged_into: string | null;
    created_at: Time;
  };
}
