/** The form of a fix: its steps for people, what runs, what may be chosen, and when it runs by itself. */
import { FIX_STEPS_MAX } from '@lovely/api';
import { Button, Input, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Card } from '../parts/Card.tsx';
import { DurationField } from '../parts/DurationField.tsx';
import { FormError } from '../parts/FormError.tsx';
import { focusFirstProblem } from '../parts/focus-first-problem.ts';
import { problemAt } from '../parts/problems.ts';
import { StepsField } from '../parts/StepsField.tsx';
import { rulesQuery } from '../rules/rule-queries.ts';
import { ActionsField } from './ActionsField.tsx';
import { AutomaticFields } from './AutomaticFields.tsx';
import { checkDraft, type FixDraft } from './fix-draft.ts';
import styles from './FixEditor.module.css';
import { ParametersField } from './ParametersField.tsx';

export function FixEditor({
  initial,
  isNew,
  isReadOnly,
  change,
  onSubmit,
}: {
  initial: FixDraft;
  isNew: boolean;
  isReadOnly: boolean;
  change: { readonly isPending: boolean; readonly error: unknown };
  onSubmit: (fix: NonNullable<ReturnType<typeof checkDraft>['fix']>) => void;
}) {
  const { data: rules } = useQuery(rulesQuery);
  const [draft, setDraft] = useState(initial);
  const [isTried, setTried] = useState(false);
  const { fix, problems } = checkDraft(
    draft,
    rules?.items.find(({ key }) => key === draft.rule),
  );
  const errorOf = (path: string): string | undefined => (isTried ? problemAt(problems, path) : undefined);
  const set = (part: Partial<FixDraft>): void => setDraft({ ...draft, ...part });
  return (
    <form
      className={styles.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (fix) onSubmit(fix);
        else focusFirstProblem(event.currentTarget);
      }}
    >
      <Card title="For people">
        <div className={styles.fields}>
          <NativeSelect
            label="For alerts of the rule"
            data={[
              ...(draft.rule === '' ? [{ value: '', label: 'Choose a rule…' }] : []),
              ...(rules?.items ?? []).map(({ key, title }) => ({ value: key, label: title })),
            ]}
            value={draft.rule}
            error={errorOf('rule')}
            disabled={isReadOnly || !isNew}
            onChange={(event) => set({ rule: event.currentTarget.value })}
          />
          <TextInput
            label="Title"
            placeholder="Restart the service"
            value={draft.title}
            error={errorOf('title')}
            disabled={isReadOnly}
            onChange={(event) => set({ title: event.currentTarget.value })}
          />
          <StepsField
            label="Steps"
            description="What happens, in plain words."
            value={draft.steps}
            max={FIX_STEPS_MAX}
            error={errorOf('steps')}
            isDisabled={isReadOnly}
            onChange={(steps) => set({ steps })}
          />
          <Input.Wrapper label="Risk" labelElement="div" className={styles.choice ?? ''}>
            <SegmentedControl
              aria-label="Risk"
              data={[
                { value: 'low', label: 'Low, one click' },
                { value: 'medium', label: 'Medium, asks first' },
                { value: 'high', label: 'High, asks for the name' },
              ]}
              value={draft.risk}
              disabled={isReadOnly}
              onChange={(risk) => set({ risk })}
            />
          </Input.Wrapper>
          <div className={styles.pair}>
            <DurationField
              label="Takes about"
              description="Empty: nobody knows."
              value={draft.takesMs ?? Number.NaN}
              error={errorOf('takesMs')}
              isDisabled={isReadOnly}
              onChange={(takesMs) => set({ takesMs: Number.isNaN(takesMs) ? null : takesMs })}
            />
            <DurationField
              label="Then it must be fine within"
              description="Or it did not help."
              value={draft.checkMs}
              error={errorOf('checkMs')}
              isDisabled={isReadOnly}
              onChange={(checkMs) => set({ checkMs })}
            />
          </div>
        </div>
      </Card>
      <Card title="What runs">
        <ActionsField
          value={draft.actions}
          errorOf={(path) => errorOf(`actions.${path}`)}
          isReadOnly={isReadOnly}
          onChange={(actions) => set({ actions })}
        />
      </Card>
      {(draft.actions.length > 0 || draft.parameters.length > 0) && (
        <>
          <Card title="What can be chosen">
            <ParametersField
              value={draft.parameters}
              errorOf={(path) => errorOf(`parameters.${path}`)}
              isReadOnly={isReadOnly}
              onChange={(parameters) => set({ parameters })}
            />
          </Card>
          <Card title="By itself">
            <AutomaticFields
              value={draft.automatic}
              errorOf={(path) => errorOf(`automatic.${path}`)}
              isReadOnly={isReadOnly}
              onChange={(automatic) => set({ automatic })}
            />
          </Card>
        </>
      )}
      {isTried && !fix && (
        <p className={styles.incomplete} role="alert">
          Something is missing or does not go together; it is marked above.
        </p>
      )}
      <FormError error={change.error} />
      {!isReadOnly && (
        <div className={styles.end}>
          <Button type="submit" loading={change.isPending}>
            {isNew ? 'Make the fix' : 'Save'}
          </Button>
        </div>
      )}
    </form>
  );
}
