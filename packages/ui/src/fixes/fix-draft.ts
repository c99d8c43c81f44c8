/** A fix while it is being written. */
import { createFix, type Body, type Fix, type FixAction, type Rule } from '@lovely/api';
import { problemsIn } from '../parts/problems.ts';
import { placeholderProblem } from '../rules/placeholders.ts';

export type FixDraft = Pick<
  Fix,
  'rule' | 'title' | 'steps' | 'risk' | 'takesMs' | 'parameters' | 'actions' | 'checkMs' | 'automatic'
>;

export function blankFix(rule: string): FixDraft {
  return {
    rule,
    title: '',
    steps: [],
    risk: 'low',
    takesMs: null,
    parameters: [],
    actions: [],
    checkMs: 120_000,
    automatic: { enabled: false, perHouseAndDayMax: 1, perHourMax: 20, minSuccess: 0.7, severities: [], groupIds: [] },
  };
}

/** What of a fix people write. */
export function draftOf(fix: FixDraft): FixDraft {
  const { rule, title, steps, risk, takesMs, parameters, actions, checkMs, automatic } = fix;
  return { rule, title, steps, risk, takesMs, parameters, actions, checkMs, automatic };
}

/**
 * The fix as the server takes it, or what is wrong by the path of its member, e.g. "actions.0.content". Without its rule
 * nobody knows which values its alerts will have.
 */
export function checkDraft(
  draft: FixDraft,
  rule: Rule | undefined,
): {
  readonly fix?: Body<typeof createFix>;
  readonly problems: ReadonlyMap<string, string>;
} {
  const steps = draft.steps.filter((step) => step.trim() !== '');
  const result = createFix.body.safeParse({ ...draft, steps });
  const problems = result.success ? new Map<string, string>() : problemsIn(result.error);
  if (draft.rule === '') problems.set('rule', 'Choose the rule whose alerts it is for.');
  const chosen = draft.parameters.map(({ name }) => name);
  for (const [path, text, names] of [
    ...steps.map((step) => ['steps', step, []] as const),
    ...draft.actions.flatMap((action, index) =>
      textsOf(action).map(([member, text]) => [`actions.${index}.${member}`, text, chosen] as const),
    ),
  ]) {
    const problem = rule && placeholderProblem(text, rule, names);
    if (problem !== undefined && !problems.has(path)) problems.set(path, problem);
  }
  return result.success && problems.size === 0 ? { fix: result.data, problems } : { problems };
}

/** The texts of an action into which values are put, by their member. */
function textsOf(action: FixAction): (readonly [member: string, text: string])[] {
  const [member, values] =
    action.kind === 'command'
      ? ['parameters', action.parameters]
      : action.kind === 'configuration'
        ? ['values', action.values]
        : ['', {}];
  return Object.entries(values).map(([name, value]) => [`${member}.${name}`, String(value)] as const);
}

export const BLANK_ACTIONS: Readonly<Record<FixAction['kind'], FixAction>> = {
  command: { kind: 'command', name: '', parameters: {}, onSensor: false, timeoutMs: 60_000 },
  script: { kind: 'script', interpreter: 'sh', content: '', timeoutMs: 60_000 },
  configuration: { kind: 'configuration', values: {} },
  update: { kind: 'update', artifact: '' },
  terminal: { kind: 'terminal' },
};
