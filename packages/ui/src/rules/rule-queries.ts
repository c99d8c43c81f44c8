import {
  backtestRule,
  getRule,
  listRules,
  listRuleVersions,
  previewRule,
  type RuleDraft,
  type RuleOf,
  type RuleTarget,
} from '@lovely/api';
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import { request } from '../api.ts';

export const RULES_KEY = ['rules'];

export const rulesQuery = queryOptions({
  queryKey: [...RULES_KEY, 'all'],
  queryFn: ({ signal }) => request(listRules, {}, signal),
});

export function ruleQuery(key: string) {
  return queryOptions({
    queryKey: [...RULES_KEY, 'one', key],
    queryFn: ({ signal }) => request(getRule, { params: { key } }, signal),
  });
}

export function ruleVersionsQuery(key: string) {
  return queryOptions({
    queryKey: [...RULES_KEY, 'versions', key],
    queryFn: ({ signal }) => request(listRuleVersions, { params: { key } }, signal),
  });
}

/** Which houses a rule that is being written would reach. */
export function rulePreviewQuery(of: RuleOf, target: RuleTarget) {
  return queryOptions({
    queryKey: ['rule-preview', of, target],
    queryFn: ({ signal }) => request(previewRule, { body: { of, target } }, signal),
    placeholderData: keepPreviousData,
  });
}

/** How often a rule would have raised an alert in the time before `until`. */
export function backtest(rule: RuleDraft, spanMs: number, until: number) {
  return request(backtestRule, {
    body: { rule, from: new Date(until - spanMs).toISOString(), to: new Date(until).toISOString() },
  });
}

/** Names rules; one that is gone by its key. */
export function useRuleTitle(): (key: string) => string {
  const { data } = useQuery(rulesQuery);
  return (key) => data?.items.find((rule) => rule.key === key)?.title ?? key;
}
