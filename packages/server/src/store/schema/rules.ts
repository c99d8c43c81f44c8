/** Rules, what they were before, and what workers remember of those that they evaluate. */
import type { Generated, JSONColumnType } from 'kysely';
import type { RuleOf, RuleTarget, Severity, Watch } from '@lovely/api';
import type { Rule } from '../../domain/rule.ts';
import type { Time, Version } from './columns.ts';

export interface RuleTables {
  rules: {
    tenant_id: string;
    key: string;
    severity: Severity;
    title: string;
    description: string;
    cause: string;
    suggestion: string[];
    watch: JSONColumnType<Watch>;
    of: JSONColumnType<RuleOf, string | undefined>;
    target: JSONColumnType<RuleTarget, string | undefined>;
    evaluated_by: Generated<Rule['evaluatedBy']>;
    enabled: Generated<boolean>;
    origin: Generated<'built-in' | 'own'>;
    /** Built in, and as it came. */
    pristine: Generated<boolean>;
    version: Version;
    updated_at: Time;
    updated_by: string | null;
  };
  rule_versions: {
    tenant_id: string;
    key: string;
    version: number;
    rule: JSONColumnType<Rule>;
    created_at: Time;
    created_by: string | null;
  };
  deleted_rules: { tenant_id: string; key: string; deleted_at: Time };
  rule_memories: { tenant_id: string; key: string; device_id: string; memory: JSONColumnType<object> };
}
