/** The form of a rule, and beside it whom it reaches and what it would have done. */
import { RULE_STEPS_MAX, type RuleDraft } from '@lovely/api';
import { Button, Input, SegmentedControl, Switch, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { TYPING_PAUSE_MS } from '../limits.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { focusFirstProblem } from '../parts/focus-first-problem.ts';
import { problemAt } from '../parts/problems.ts';
import { StepsField } from '../parts/StepsField.tsx';
import { Backtest } from './Backtest.tsx';
import { RuleFixes } from './RuleFixes.tsx';
import { RuleReach } from './RuleReach.tsx';
import { placeholdersOf } from './placeholders.ts';
import { checkDraft } from './rule-draft.ts';
import styles from './RuleEditor.module.css';
import { TargetFields } from './TargetFields.tsx';
import { WatchFields } from './WatchFields.tsx';

export function RuleEditor({
  initial,
  ruleKey,
  isReadOnly,
  submitLabel,
  change,
  onSubmit,
}: {
  initial: RuleDraft;
  /** Undefined while it is being made. */
  ruleKey?: string;
  isReadOnly: boolean;
  submitLabel: string;
  change: { readonly isPending: boolean; readonly error: unknown };
  onSubmit: (rule: RuleDraft) => void;
}) {
  const [draft, setDraft] = useState(initial);
  const [isTried, setTried] = useState(false);
  const [settled] = useDebouncedValue(draft, TYPING_PAUSE_MS);
  const { rule, problems } = checkDraft(draft);
  const errorOf = (path: string): string | undefined => (isTried ? problemAt(problems, path) : undefined);
  const offered = placeholdersOf(draft).map((name) => `{${name}}`);
  const set = (part: Partial<RuleDraft>): void => setDraft({ ...draft, ...part });
  return (
    <div className={styles.columns}>
      <form
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          setTried(true);
          if (rule) onSubmit(rule);
          else focusFirstProblem(event.currentTarget);
        }}
      >
        <Card title="What it watches">
          <div className={styles.fields}>
            <WatchFields draft={draft} isReadOnly={isReadOnly} errorOf={errorOf} onChange={setDraft} />
          </div>
        </Card>
        <Card title="What it says">
          <div className={styles.fields}>
            <TextInput
              label="Title"
              placeholder="Oven too hot"
              value={draft.title}
              error={errorOf('title')}
              disabled={isReadOnly}
              onChange={(event) => set({ title: event.currentTarget.value })}
            />
            <Input.Wrapper label="Severity" labelElement="div" className={styles.choice ?? ''}>
              <SegmentedControl
                aria-label="Severity"
                data={[
                  { value: 'warning', label: 'Warning' },
                  { value: 'critical', label: 'Critical, the house turns red' },
                ]}
                value={draft.severity}
                disabled={isReadOnly}
                onChange={(severity) => set({ severity })}
              />
            </Input.Wrapper>
            <Textarea
              label="What is wrong"
              description={`On one house, with what is at hand there: ${offered.join(' ')}`}
              placeholder={draft.of.kind === 'sensors' ? '{sensor} is at {value} °C.' : 'It is at {value} %.'}
              autosize
              minRows={2}
              value={draft.description}
              error={errorOf('description')}
              disabled={isReadOnly}
              onChange={(event) => set({ description: event.currentTarget.value })}
            />
            <Textarea
              label="Likely cause"
              autosize
              minRows={2}
              value={draft.cause}
              error={errorOf('cause')}
              disabled={isReadOnly}
              onChange={(event) => set({ cause: event.currentTarget.value })}
            />
            <StepsField
              label="What to do"
              description="In plain words, for who stands in front of it."
              value={draft.suggestion}
              max={RULE_STEPS_MAX}
              error={errorOf('suggestion')}
              isDisabled={isReadOnly}
              onChange={(suggestion) => set({ suggestion })}
            />
          </div>
        </Card>
        <Card title="On which houses">
          <div className={styles.fields}>
            <TargetFields value={draft.target} isReadOnly={isReadOnly} onChange={(target) => set({ target })} />
          </div>
        </Card>
        <div className={styles.end}>
          <Switch
            label="Switched on"
            checked={draft.enabled}
            disabled={isReadOnly}
            onChange={(event) => set({ enabled: event.currentTarget.checked })}
          />
          {!isReadOnly && (
            <Button type="submit" loading={change.isPending}>
              {submitLabel}
            </Button>
          )}
        </div>
        {isTried && !rule && (
          <p className={styles.incomplete} role="alert">
            Something is missing or does not go together; it is marked above.
          </p>
        )}
        <FormError error={change.error} />
      </form>
      <aside className={styles.side}>
        <RuleReach of={settled.of} target={settled.target} />
        <Backtest rule={rule} />
        {ruleKey !== undefined && <RuleFixes ruleKey={ruleKey} />}
      </aside>
    </div>
  );
}
