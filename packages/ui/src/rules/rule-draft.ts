/** A rule while it is being written. */
import { ruleDraft, type Rule, type RuleDraft } from '@lovely/api';
import { problemsIn } from '../parts/problems.ts';
import { placeholderProblem } from './placeholders.ts';
import { WATCH_KINDS } from './watch-kinds.ts';

export function blankRule(): RuleDraft {
  return {
    title: '',
    severity: 'warning',
    description: '',
    cause: '',
    suggestion: [],
    watch: WATCH_KINDS.threshold.blank ?? { kind: 'clone' },
    of: { kind: 'gateway' },
    target: { deviceTypes: [], groupIds: [], deviceIds: [] },
    evaluatedBy: 'device',
    // It is tried on what was before it wakes anybody.
    enabled: false,
  };
}

/** What of a rule people write. */
export function draftOf(rule: RuleDraft): RuleDraft {
  const { title, severity, description, cause, suggestion, watch, of, target, evaluatedBy, enabled } = rule;
  return { title, severity, description, cause, suggestion, watch, of, target, evaluatedBy, enabled };
}

export type DraftCheck =
  | { readonly rule: RuleDraft; readonly problems: ReadonlyMap<string, string> }
  | { readonly rule?: undefined; readonly problems: ReadonlyMap<string, string> };

/** The rule as the server takes it, or what is wrong by the path of its member, e.g. "watch.raiseAt". */
export function checkDraft(draft: RuleDraft): DraftCheck {
  const suggestion = draft.suggestion.filter((step) => step.trim() !== '');
  const result = ruleDraft.safeParse({ ...draft, suggestion });
  const problems = result.success ? new Map<string, string>() : problemsIn(result.error);
  for (const [path, texts] of [['description', [draft.description]] as const, ['suggestion', suggestion] as const]) {
    const problem = texts.map((text) => placeholderProblem(text, draft)).find((each) => each !== undefined);
    if (problem !== undefined && !problems.has(path)) problems.set(path, problem);
  }
  return result.success && problems.size === 0 ? { rule: result.data, problems } : { problems };
}

/** A key that is not taken, made of the title: "Oven too hot" is `oven-too-hot`. */
export function keyFor(title: string, rules: readonly Pick<Rule, 'key'>[]): string {
  const plain = title
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 56);
  const base = plain === '' ? 'rule' : plain;
  const taken = new Set(rules.map(({ key }) => key));
  for (let number = 1; ; number++) {
    const key = number === 1 ? base : `${base}-${number}`;
    if (!taken.has(key)) return key;
  }
}

/** The members in which two versions differ. */
export function differences(
  before: RuleDraft,
  after: RuleDraft,
): Record<string, { readonly before: unknown; readonly after: unknown }> {
  const [old, young] = [draftOf(before), draftOf(after)];
  const names = Object.keys(young) as (keyof RuleDraft)[];
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(old[name]) !== JSON.stringify(young[name]))
      .map((name) => [name, { before: old[name], after: young[name] }]),
  );
}
