/** Fixes, their runs and rollouts, and the keys that sign commands. */
import type { Generated, JSONColumnType } from 'kysely';
import type {
  Fix,
  FixAction,
  FixAutomatic,
  FixParameter,
  FixRolloutState,
  FixRolloutTarget,
  FixRunState,
  FixValue,
} from '@lovely/api';
import type { RunnableAction } from '../../domain/fix-action.ts';
import type { StepOutcome } from '../../domain/fix-run.ts';
import type { Time, Version } from './columns.ts';

type Values = JSONColumnType<Record<string, FixValue>>;

/** Who started something, as it was then. */
export interface StartedBy {
  readonly type: 'user' | 'system';
  readonly id: string;
  readonly name: string;
}

export interface FixTables {
  /** System-wide: gateways of all tenants trust them. */
  command_keys: {
    id: string;
    public_key: Buffer;
    /** PKCS #8 PEM; '' once it is retired. */
    secret: string;
    vouched_by: string | null;
    vouch: Buffer | null;
    created_at: Time;
    used_from: Time;
    retired_at: Time | null;
  };
  fixes: {
    id: string;
    tenant_id: string;
    rule: string;
    key: string | null;
    title: string;
    steps: string[];
    risk: Fix['risk'];
    takes_ms: number | null;
    parameters: JSONColumnType<FixParameter[]>;
    actions: JSONColumnType<FixAction[]>;
    check_ms: number;
    automatic: JSONColumnType<FixAutomatic>;
    edited: Generated<boolean>;
    version: Version;
    created_at: Time;
    updated_at: Time;
  };
  fix_stats: { fix_id: string; model: string; tenant_id: string; tried: number; helped: number };
  fix_rollouts: {
    id: string;
    tenant_id: string;
    fix_id: string | null;
    fix_title: string;
    fix_version: number;
    rule: string;
    target: JSONColumnType<FixRolloutTarget>;
    parameters: Values;
    state: FixRolloutState;
    paused_state: 'trial' | 'running' | null;
    reason: Generated<string>;
    phase: Generated<number>;
    phases: JSONColumnType<number[]>;
    parallel_max: number;
    min_success: number;
    forgiven: JSONColumnType<{ tried: number; helped: number }, string | undefined>;
    started_by: JSONColumnType<StartedBy>;
    version: Version;
    created_at: Time;
    ended_at: Time | null;
  };
  fix_runs: {
    id: string;
    tenant_id: string;
    fix_id: string | null;
    fix_title: string;
    rule: string;
    alert_id: string;
    device_id: string;
    source: string;
    model: string;
    rollout_id: string | null;
    state: Generated<FixRunState>;
    reason: Generated<string>;
    code: string | null;
    parameters: Values;
    actions: JSONColumnType<RunnableAction[]>;
    check_ms: number;
    step: Generated<number>;
    sends: Generated<number>;
    sent_at: Time | null;
    sent_epoch: number | null;
    step_started_at: Time | null;
    done: JSONColumnType<StepOutcome> | null;
    configuration_version: number | null;
    deployment_id: string | null;
    exit: number | null;
    output: Generated<Buffer>;
    step_output_at: Generated<number>;
    cancel_requested_at: Time | null;
    started_by: JSONColumnType<StartedBy>;
    created_at: Time;
    expires_at: Time;
    started_at: Time | null;
    check_until: Time | null;
    ended_at: Time | null;
    look_at: Time;
  };
  fix_rollout_houses: {
    rollout_id: string;
    position: number;
    tenant_id: string;
    device_id: string;
    alert_id: string;
    run_id: string | null;
    skipped: Generated<boolean>;
  };
}
