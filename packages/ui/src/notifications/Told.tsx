/** What one is told for oneself: which alerts, when not, and a test of it. */
import { testSubscription, updateSubscription, type Subscription } from '@lovely/api';
import { Button, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { MailX, Pencil, Send } from 'lucide-react';
import { useState } from 'react';
import { request, requestVersion } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { FormDialog } from '../parts/FormDialog.tsx';
import { Notice } from '../parts/Notice.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { MatchFields, useMatchText } from './MatchFields.tsx';
import { subscriptionQuery, SUBSCRIPTION_KEY } from './notification-queries.ts';
import { quietText } from './policy-words.ts';
import { isWhole, QuietHoursFields } from './QuietHoursFields.tsx';
import styles from './Told.module.css';

export function Told() {
  const query = useQuery(subscriptionQuery);
  return (
    <Card title="What I’m told">
      {query.isPending && <Waiting rows={2} />}
      {query.isError && !query.data && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && <Shown subscription={query.data} />}
    </Card>
  );
}

function Shown({ subscription }: { subscription: Subscription }) {
  const [isOpen, setOpen] = useState(false);
  const matchText = useMatchText();
  const { enabled, match, quietHours, address, canMail, tellsResolved, version } = subscription;
  const outdated = [SUBSCRIPTION_KEY];
  const turn = useChange(
    (wanted: boolean) => requestVersion(updateSubscription, { body: { enabled: wanted } }, version),
    { outdated },
  );
  const test = useChange(() => request(testSubscription), { outdated, done: `A test is on its way to ${address}.` });
  return (
    <>
      {!canMail && (
        <div className={styles.notice}>
          <Notice icon={MailX} tone="warn" title="No mail can be sent yet">
            Whoever runs the system has not named a mail server. What you choose here holds as soon as there is one.
          </Notice>
        </div>
      )}
      <div className={styles.row}>
        <Switch
          label="Mail me about alerts"
          description={`To ${address}, about houses that you may see, and once for many at a time.`}
          checked={enabled}
          disabled={turn.isPending}
          onChange={(event) =>
            turn.mutate(event.currentTarget.checked, { onError: (error) => void toastError('Not changed', error) })
          }
        />
      </div>
      <dl className={styles.facts}>
        <div>
          <dt>Which</dt>
          <dd>
            {matchText(match)}
            {tellsResolved ? ', and when they are over' : ''}
          </dd>
        </div>
        <div>
          <dt>Quiet hours</dt>
          <dd>
            {quietHours === null
              ? 'None'
              : `${quietText(quietHours)}, ${quietHours.timeZone}${quietHours.criticalBreaksThrough ? '; not for critical alerts' : ''}`}
          </dd>
        </div>
      </dl>
      <div className={styles.actions}>
        <Button variant="default" leftSection={<Pencil size={15} aria-hidden />} onClick={() => setOpen(true)}>
          Change
        </Button>
        <Button
          variant="default"
          leftSection={<Send size={15} aria-hidden />}
          disabled={!canMail}
          loading={test.isPending}
          onClick={() => test.mutate(undefined, { onError: (error) => void toastError('No test was sent', error) })}
        >
          Send me a test
        </Button>
      </div>
      {isOpen && <ToldForm subscription={subscription} onClose={() => setOpen(false)} />}
    </>
  );
}

function ToldForm({ subscription, onClose }: { subscription: Subscription; onClose: () => void }) {
  const { match, quietHours, tellsResolved, version } = subscription;
  const [draft, setDraft] = useState({ match, quietHours, tellsResolved });
  const save = useChange(() => requestVersion(updateSubscription, { body: draft }, version), {
    outdated: [SUBSCRIPTION_KEY],
    done: 'Saved.',
  });
  return (
    <FormDialog
      title="What I’m told"
      submitLabel="Save"
      change={save}
      isReady={isWhole(draft.quietHours)}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      size="lg"
    >
      <MatchFields value={draft.match} onChange={(changed) => setDraft({ ...draft, match: changed })} />
      <Switch
        label="Tell me too when it is over"
        checked={draft.tellsResolved}
        onChange={(event) => setDraft({ ...draft, tellsResolved: event.currentTarget.checked })}
      />
      <QuietHoursFields
        value={draft.quietHours}
        description="Also for what your organisation has you told. One mail at their end says what is still wrong."
        onChange={(changed) => setDraft({ ...draft, quietHours: changed })}
      />
    </FormDialog>
  );
}
