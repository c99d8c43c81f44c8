/** What of the pages of deployments stands in their addresses. */
import { z } from 'zod';
import { OPERATORS } from '../groups/filter-draft.ts';

const text = z.string().optional().catch(undefined);

export const deploymentsSearch = z.object({
  when: z.enum(['active', 'over']).optional().catch(undefined),
  kind: z.enum(['software', 'configuration']).optional().catch(undefined),
  search: text,
});
export type DeploymentsSearch = z.infer<typeof deploymentsSearch>;

/** What the table of houses shows: `success`, `failure` … as the bar's parts are called, and which house is looked at. */
export const deploymentSearch = z.object({
  houses: text,
  /** The key of a group of failures. */
  failure: text,
  search: text,
  house: text,
});
export type DeploymentSearch = z.infer<typeof deploymentSearch>;

export const STEPS = ['software', 'houses', 'rollout', 'review'] as const;
export type Step = (typeof STEPS)[number];

export const TARGET_KINDS = ['all', 'group', 'filter', 'devices'] as const;
export type TargetKind = (typeof TARGET_KINDS)[number];

const condition = z.object({
  field: z.string(),
  operator: z.enum(OPERATORS.map(({ value }) => value)),
  value: z.string(),
});

export const newDeploymentSearch = z.object({
  /** Software is the first, and needs no word. */
  step: z.enum(STEPS).exclude(['software']).optional().catch(undefined),
  release: text,
  name: text,
  to: z.enum(TARGET_KINDS).optional().catch(undefined),
  group: z.uuid().optional().catch(undefined),
  conditions: z.array(condition).optional().catch(undefined),
  /** Ids of houses with dots between: quotes and commas would be three characters each. */
  houses: text,
  /** Those that are not as they come. */
  options: z.record(z.string(), z.unknown()).optional().catch(undefined),
});
export type NewDeploymentSearch = z.infer<typeof newDeploymentSearch>;
