/** Deployments, their houses, and what software runs where. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  Deployment,
  DeploymentDeviceState,
  DeploymentEvent,
  DeploymentOptions,
  DeploymentTarget,
  GateFigure,
  LogLine,
  UpdateCauseFound,
  UpdatePause,
} from '@lovely/api';
import type { DeviceScope } from '../../domain/device-scope.ts';
import type { Time, Version } from './columns.ts';
import type { StartedBy } from './fixes.ts';

type Json<T extends object> = JSONColumnType<T, string | undefined>;
/** Made by PostgreSQL. */
type Made<T> = ColumnType<T, never, never>;

export interface PhaseMark {
  readonly startedMs: number;
  readonly overMs: number | null;
}

export interface DeploymentTables {
  deployments: {
    id: string;
    tenant_id: string;
    name: string;
    artifact_name: string;
    kind: Deployment['kind'];
    target: JSONColumnType<DeploymentTarget>;
    scope: JSONColumnType<DeviceScope>;
    options: JSONColumnType<DeploymentOptions>;
    priority: number;
    state: Deployment['state'];
    paused_state: 'scheduled' | 'running' | null;
    paused_by: 'person' | 'gate' | null;
    reason: Generated<string>;
    retry_of: string | null;
    collected_to: string | null;
    collected_at: Time | null;
    collect_at: Time;
    phase: Generated<number>;
    phase_marks: Json<PhaseMark[]>;
    is_passed: Generated<boolean>;
    forgiven: Json<{ failed: number; through: number; reconnects: number }>;
    forgiven_at: Time | null;
    figures: Json<GateFigure[]>;
    signs_at: Time | null;
    created_by: JSONColumnType<StartedBy>;
    created_at: Time;
    started_at: Time | null;
    ended_at: Time | null;
    look_at: Time;
    version: Version;
  };
  deployment_devices: {
    deployment_id: string;
    device_id: string;
    tenant_id: string;
    state: Generated<DeploymentDeviceState>;
    position: Generated<number>;
    phase: number | null;
    attempt: Generated<number>;
    artifact_id: string | null;
    bytes: number | null;
    downloaded: Generated<number>;
    percent: number | null;
    substate: Generated<string>;
    waits: Generated<string>;
    cause_code: string | null;
    cause_step: string | null;
    cause_message: string | null;
    cause_key: string | null;
    is_rolled_back: boolean | null;
    reconnects: Generated<number>;
    pauses: Generated<UpdatePause[]>;
    passed: Generated<UpdatePause[]>;
    told_pauses: Generated<UpdatePause[]>;
    tells_abort: Generated<boolean>;
    ready_at: Time | null;
    granted_at: Time | null;
    sent_at: Time | null;
    sent_epoch: number | null;
    sends: Generated<number>;
    link_until: Time | null;
    reported_ms: number | null;
    events: Generated<number>;
    heard_at: Time | null;
    began_at: Time | null;
    finished_at: Time | null;
    look_at: Time | null;
  };
  deployment_counts: {
    deployment_id: string;
    tenant_id: string;
    phase: number;
    state: string;
    houses: number;
    wanted: number;
    downloaded: number;
    retried: number;
    reconnects: number;
  };
  deployment_events: {
    id: Generated<number>;
    deployment_id: string;
    device_id: string | null;
    tenant_id: string;
    attempt: Generated<number>;
    kind: DeploymentEvent['kind'] | 'created' | 'started' | 'phase' | 'finished' | 'changed';
    state: string | null;
    substate: Generated<string>;
    at: Time;
    device_ms: number | null;
    bytes: number | null;
    by: string | null;
    text: Generated<string>;
    cause: JSONColumnType<UpdateCauseFound> | null;
  };
  deployment_logs: {
    deployment_id: string;
    device_id: string;
    attempt: number;
    message_id: number;
    tenant_id: string;
    lines: JSONColumnType<LogLine[]>;
    bytes: number;
    is_cut: Generated<boolean>;
    stored_at: Time;
  };
  deployment_sensors: {
    deployment_id: string;
    device_id: string;
    sensor_id: string;
    tenant_id: string;
    state: string;
    percent: number | null;
    message: Generated<string>;
    attempt: Generated<number>;
    device_ms: Generated<number>;
    told_at: Time;
  };
  device_software: {
    device_id: string;
    tenant_id: string;
    provides: Json<Record<string, string>>;
    digest: Made<string>;
    device_type: Made<string | null>;
    artifact_name: Made<string | null>;
    expected: Json<Record<string, string>>;
    drifts: Made<boolean>;
    deployment_id: string | null;
    is_live: Generated<boolean>;
    told_by: 'client' | 'inventory' | null;
    told_at: Time | null;
    changed_at: Time | null;
    message_id: Generated<number>;
  };
  reconnects: { tenant_id: string; minute: Time; reconnects: number };
}
