/** A fix while it is being written. */
import { createFix, type Body, type Fix, type FixAction } from '@lovely/api';
import { problemsIn } from '../parts/problems.ts';

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

/** The fix as the server takes it, or what is wrong by the path of its member, e.g. "actions.0.content". */
export function checkDraft(draft: FixDraft): {
  readonly fix?: Body<typeof createFix>;
  readonly problems: ReadonlyMap<string, string>;
} {
  const steps = draft.steps.filter((step) => step.trim() !== '');
  const result = createFix.body.safeParse({ ...draft, steps });
  return result.success ? { fix: result.data, problems: new Map() } : { problems: problemsIn(result.error) };
}

export const BLANK_ACTIONS: Readonly<Record<FixAction['kind'], FixAction>> = {
  command: { kind: 'command', name: '', parameters: {}, onSensor: false, timeoutMs: 60_000 },
  script: { kind: 'script', interpreter: 'sh', content: '', timeoutMs: 60_000 },
  configuration: { kind: 'configuration', values: {} },
  update: { kind: 'update', artifact: '' },
  terminal: { kind: 'terminal' },
};
