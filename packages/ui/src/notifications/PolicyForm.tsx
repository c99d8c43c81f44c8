/** Makes a notification policy, or changes one: which alerts, whom, when, and who is next. */
import {
  createNotificationPolicy,
  ESCALATION_STEPS_MAX,
  updateNotificationPolicy,
  type EscalationStep,
  type NotificationPolicy,
} from '@lovely/api';
import { ActionIcon, Button, Switch, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { request, requestVersion } from '../api.ts';
import { DurationField } from '../parts/DurationField.tsx';
import { focusFirstProblem } from '../parts/focus-first-problem.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { problemAt } from '../parts/problems.ts';
import { useChange } from '../parts/use-change.ts';
import { MatchFields } from './MatchFields.tsx';
import { POLICIES_KEY } from './notification-queries.ts';
import { policyProblems, type PolicyDraft } from './policy-draft.ts';
import { QuietHoursFields } from './QuietHoursFields.tsx';
import { RecipientsField } from './RecipientsField.tsx';
import styles from './Fields.module.css';

const NEW: PolicyDraft = {
  name: '',
  enabled: true,
  match: { severities: ['critical'], rules: [], groupIds: [], sensorKinds: [] },
  recipients: [],
  escalation: [],
  delaySeconds: 60,
  bundleMinutes: 10,
  repeatMinutes: null,
  quietHours: null,
  tellsResolved: true,
  isLast: false,
};

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const STEP_MINUTES = 15;
const REPEAT_MINUTES = 60;

export function PolicyForm({ policy, onClose }: { policy?: NotificationPolicy; onClose: () => void }) {
  const [draft, setDraft] = useState<PolicyDraft>(policy ? textOf(policy) : NEW);
  const set = (changed: Partial<PolicyDraft>): void => setDraft({ ...draft, ...changed });
  const [isTried, setTried] = useState(false);
  const body = { ...draft, name: draft.name.trim() };
  const problems = policyProblems(body);
  const errorOf = (path: string): string | undefined => (isTried ? problemAt(problems, path) : undefined);
  const outdated = [POLICIES_KEY];
  const create = useChange(() => request(createNotificationPolicy, { body }), {
    outdated,
    done: 'People are told by it from now on.',
  });
  const update = useChange(
    (changed: NotificationPolicy) =>
      requestVersion(updateNotificationPolicy, { params: { id: changed.id }, body }, changed.version),
    { outdated, done: 'Saved.' },
  );
  return (
    <FormDialog
      title={policy ? `Change ${policy.name}` : 'New notification policy'}
      submitLabel={policy ? 'Save' : 'Make the policy'}
      change={policy ? update : create}
      onSubmit={(form) => {
        setTried(true);
        if (problems.size > 0) focusFirstProblem(form);
        else if (policy) update.mutate(policy, { onSuccess: onClose });
        else create.mutate(undefined, { onSuccess: onClose });
      }}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        label="Name"
        data-autofocus
        placeholder="On call at night"
        value={draft.name}
        error={errorOf('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <Switch label="On" checked={draft.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
      <h3 className={styles.part}>Which alerts</h3>
      <MatchFields value={draft.match} onChange={(match) => set({ match })} />
      <h3 className={styles.part}>Who is told, and when</h3>
      <RecipientsField
        label="Tell at first"
        value={draft.recipients}
        errorOf={(path) => errorOf(`recipients${path}`)}
        onChange={(recipients) => set({ recipients })}
      />
      <DurationField
        label="Once a problem has lasted"
        description="One that is over sooner is told to nobody."
        value={draft.delaySeconds * SECOND_MS}
        error={errorOf('delaySeconds')}
        onChange={(ms) => set({ delaySeconds: Math.round(ms / SECOND_MS) })}
      />
      <DurationField
        label="Put into one message what comes within"
        description="Alerts of one incident or rule; 0 makes a message of each."
        value={draft.bundleMinutes * MINUTE_MS}
        error={errorOf('bundleMinutes')}
        onChange={(ms) => set({ bundleMinutes: Math.round(ms / MINUTE_MS) })}
      />
      <Switch
        label="Tell them too when it is over"
        checked={draft.tellsResolved}
        onChange={(event) => set({ tellsResolved: event.currentTarget.checked })}
      />
      <h3 className={styles.part}>While nobody acknowledges</h3>
      <Steps
        value={draft.escalation}
        errorOf={(path) => errorOf(`escalation.${path}`)}
        onChange={(escalation) => set({ escalation })}
      />
      <Switch
        label="Remind those told so far"
        checked={draft.repeatMinutes !== null}
        onChange={(event) => set({ repeatMinutes: event.currentTarget.checked ? REPEAT_MINUTES : null })}
      />
      {draft.repeatMinutes !== null && (
        <div className={styles.nested}>
          <DurationField
            label="Every"
            value={draft.repeatMinutes * MINUTE_MS}
            error={errorOf('repeatMinutes')}
            onChange={(ms) => set({ repeatMinutes: Math.round(ms / MINUTE_MS) })}
          />
        </div>
      )}
      <h3 className={styles.part}>When not</h3>
      <QuietHoursFields
        value={draft.quietHours}
        errorOf={(path) => errorOf(`quietHours.${path}`)}
        description="Nobody is told by this policy then. What is still wrong afterwards is told at their end."
        onChange={(quietHours) => set({ quietHours })}
      />
      <Switch
        label="The last one for its alerts"
        description="Policies below this one are not asked about what this one is for."
        checked={draft.isLast}
        onChange={(event) => set({ isLast: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}

function Steps({
  value,
  errorOf,
  onChange,
}: {
  value: readonly EscalationStep[];
  errorOf: (path: string) => string | undefined;
  onChange: (steps: EscalationStep[]) => void;
}) {
  return (
    <div className={styles.steps}>
      {value.map((step, index) => (
        <fieldset key={index} className={styles.step} aria-label={`Step ${index + 1}`}>
          <div className={styles.stepHead}>
            <DurationField
              label="After"
              value={step.afterMinutes * MINUTE_MS}
              error={errorOf(`${index}.afterMinutes`)}
              onChange={(ms) => onChange(value.with(index, { ...step, afterMinutes: Math.round(ms / MINUTE_MS) }))}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={`Remove step ${index + 1}`}
              onClick={() => onChange(value.toSpliced(index, 1))}
            >
              <X size={16} aria-hidden />
            </ActionIcon>
          </div>
          <RecipientsField
            label={`Also tell, step ${index + 1}`}
            value={step.recipients}
            errorOf={(path) => errorOf(`${index}.recipients${path}`)}
            onChange={(recipients) => onChange(value.with(index, { ...step, recipients }))}
          />
        </fieldset>
      ))}
      {value.length < ESCALATION_STEPS_MAX && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} aria-hidden />}
          onClick={() =>
            onChange([...value, { afterMinutes: (value.at(-1)?.afterMinutes ?? 0) + STEP_MINUTES, recipients: [] }])
          }
        >
          Add a step
        </Button>
      )}
    </div>
  );
}

function textOf(policy: NotificationPolicy): PolicyDraft {
  const { id: _, position: __, version: ___, createdAt: ____, updatedAt: _____, ...text } = policy;
  return text;
}
