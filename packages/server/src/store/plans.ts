/** How PostgreSQL carries out what a store function asks, as a tenant's connection sees it: for tests of its plans. */
import { CompiledQuery, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';
import type { Database, Store } from './store.ts';

export interface Plan {
  /** Rows that were looked at, with those that a filter dropped. */
  readonly rowsRead: number;
  /** Steps that went through a whole table. */
  readonly scansWhole: readonly string[];
  /** Tables that rows were looked for in: of a partitioned one those partitions that could have any. */
  readonly tables: readonly string[];
  readonly durationMs: number;
}

interface Step {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Step[];
}

/** Runs `work` for a tenant, and then each query of it again under EXPLAIN ANALYZE. */
export async function plansOf<T>(
  store: Store,
  tenantId: string,
  work: (database: Database) => Promise<T>,
): Promise<{ result: T; plans: Plan[] }> {
  const database = store.of(tenantId);
  const queries: CompiledQuery[] = [];
  const listening = database.withPlugin({
    transformQuery({ node, queryId }) {
      queries.push(database.getExecutor().compileQuery(node, queryId));
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  const result = await work(listening);
  const plans: Plan[] = [];
  for (const query of queries) plans.push(await explain(database, query));
  return { result, plans };
}

async function explain(database: Kysely<Schema>, query: CompiledQuery): Promise<Plan> {
  const { rows } = await database.executeQuery<{ 'QUERY PLAN': [{ Plan: Step; 'Execution Time': number }] }>(
    CompiledQuery.raw(`explain (analyze, format json) ${query.sql}`, [...query.parameters]),
  );
  const [plan] = rows[0]!['QUERY PLAN'];
  const steps = [...stepsOf(plan.Plan)];
  return {
    rowsRead: Math.max(...steps.map(rowsReadBy)),
    scansWhole: steps.flatMap((step) => (step['Node Type'] === 'Seq Scan' ? [step['Relation Name'] ?? ''] : [])),
    tables: [...new Set(steps.flatMap((step) => step['Relation Name'] ?? []))],
    durationMs: plan['Execution Time'],
  };
}

function* stepsOf(step: Step): Generator<Step> {
  yield step;
  for (const below of step.Plans ?? []) yield* stepsOf(below);
}

function rowsReadBy(step: Step): number {
  const dropped = (step['Rows Removed by Filter'] ?? 0) + (step['Rows Removed by Index Recheck'] ?? 0);
  return (step['Actual Rows'] + dropped) * step['Actual Loops'];
}
