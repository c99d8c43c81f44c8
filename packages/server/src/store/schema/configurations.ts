/** Desired and reported configuration of houses, what groups set, and the schemas of both. */
import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type {
  ConfigurationProblem,
  ConfigurationSchemaDraft,
  ConfigurationState,
  ConfigurationValues,
} from '@lovely/api';
import type { ConfigurationRevertReason } from '@lovely/protocol';
import type { Time, Version } from './columns.ts';

type Values = JSONColumnType<ConfigurationValues, string | undefined>;
type Problems = JSONColumnType<ConfigurationProblem[], string | undefined>;

export interface ConfigurationTables {
  configurations: {
    device_id: string;
    tenant_id: string;
    /** What comes of `own` and the values of its groups. */
    desired: Values;
    version: Generated<number>;
    desired_at: Time | null;
    desired_by: string | null;
    own: Values;
    own_version: Generated<number>;
    /** By key: the group it comes from, or null for the house; and since when. */
    origins: JSONColumnType<Record<string, [groupId: string | null, sinceMs: number]>, string | undefined>;
    /** The groups that set something on it. */
    group_ids: Generated<string[]>;
    /** What its groups set is too much for one message, so that `desired` stays what it was. */
    oversized: Generated<boolean>;
    confirm_ms: number | null;
    reported: Values;
    reported_version: Generated<number>;
    reported_at: Time | null;
    reported_message: Generated<number>;
    reported_since: JSONColumnType<Record<string, number>, string | undefined>;
    confirming: Generated<boolean>;
    problems: Problems;
    reverted_version: Generated<number>;
    reverted_reason: ConfigurationRevertReason | null;
    reverted_problems: Problems;
    reverted_at: Time | null;
    sent_at: Time | null;
    sent_epoch: number | null;
    /** Made by PostgreSQL. */
    state: ColumnType<ConfigurationState, never, never>;
  };
  configuration_groups: {
    group_id: string;
    tenant_id: string;
    values: JSONColumnType<ConfigurationValues>;
    priority: number;
    version: number;
    updated_at: Time;
    updated_by: string | null;
  };
  configuration_versions: {
    id: Generated<number>;
    tenant_id: string;
    device_id: string | null;
    group_id: string | null;
    version: number;
    values: JSONColumnType<ConfigurationValues>;
    priority: number | null;
    note: string;
    created_at: Time;
    created_by: string | null;
  };
  configuration_jobs: {
    id: Generated<number>;
    tenant_id: string;
    group_id: string;
    created_by: string | null;
    confirm_ms: number | null;
    /** The last house that it was brought to. */
    after_id: Generated<string>;
    done: Generated<number>;
    /** Null until its houses were found. */
    total: number | null;
    changed: Generated<number>;
    look_at: Time;
    created_at: Time;
    ended_at: Time | null;
  };
  /** Those that it was not brought to yet. */
  configuration_job_houses: { job_id: number; device_id: string; tenant_id: string };
  configuration_marks: { device_id: string; tenant_id: string; marked_at: Time };
  configuration_schemas: {
    tenant_id: string;
    key: string;
    schema: JSONColumnType<ConfigurationSchemaDraft> | null;
    version: Version;
    updated_at: Time;
    updated_by: string | null;
  };
  configuration_schema_versions: {
    tenant_id: string;
    key: string;
    version: number;
    schema: JSONColumnType<ConfigurationSchemaDraft>;
    created_at: Time;
    created_by: string | null;
  };
}
