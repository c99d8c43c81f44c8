import { createWebhook, updateWebhook, WEBHOOK_EVENTS, type Webhook, type WebhookEvent } from '@lovely/api';
import { Checkbox, Input, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { request, requestVersion } from '../api.ts';
import { focusFirstProblem } from '../parts/focus-first-problem.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { problemsIn } from '../parts/problems.ts';
import { useChange } from '../parts/use-change.ts';
import { SecretDialog } from './SecretDialog.tsx';
import { WEBHOOKS_KEY } from './webhook-queries.ts';
import styles from './WebhooksPage.module.css';

const EVENTS = Object.entries(WEBHOOK_EVENTS) as [WebhookEvent, string][];

/** Makes a webhook and shows its secret, this once; or changes one. */
export function WebhookForm({ webhook, onClose }: { webhook?: Webhook; onClose: () => void }) {
  const [name, setName] = useState(webhook?.name ?? '');
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState<readonly WebhookEvent[]>(webhook?.events ?? ['alert.opened', 'alert.closed']);
  const [isEnabled, setEnabled] = useState(webhook?.enabled ?? true);
  const body = { name: name.trim(), url: url.trim(), events: [...events], enabled: isEnabled };
  const create = useChange(() => request(createWebhook, { body }), { outdated: [WEBHOOKS_KEY] });
  const update = useChange(
    (changed: Webhook) => requestVersion(updateWebhook, { params: { id: changed.id }, body }, changed.version),
    { outdated: [WEBHOOKS_KEY], done: 'Saved.' },
  );
  const [isTried, setTried] = useState(false);
  const checked = createWebhook.body.safeParse(body);
  const problems = checked.success ? undefined : problemsIn(checked.error);
  const errorOf = (path: string): string | undefined => (isTried ? problems?.get(path) : undefined);
  if (create.data) return <SecretDialog made={create.data} onClose={onClose} />;
  return (
    <FormDialog
      title={webhook ? `Change ${webhook.name}` : 'New webhook'}
      submitLabel={webhook ? 'Save' : 'Make the webhook'}
      change={webhook ? update : create}
      onSubmit={(form) => {
        setTried(true);
        if (problems) focusFirstProblem(form);
        else if (webhook) update.mutate(webhook, { onSuccess: onClose });
        else create.mutate(undefined);
      }}
      onClose={onClose}
      size="lg"
    >
      <TextInput
        label="Name"
        data-autofocus
        value={name}
        error={errorOf('name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Address"
        inputMode="url"
        placeholder="https://example.com/hooks/lovely"
        value={url}
        error={errorOf('url')}
        onChange={(event) => setUrl(event.currentTarget.value)}
      />
      <Switch label="On" checked={isEnabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
      <fieldset className={styles.events}>
        <legend>Tell it when</legend>
        {EVENTS.map(([event, meaning]) => (
          <Checkbox
            key={event}
            label={meaning}
            description={event}
            checked={events.includes(event)}
            onChange={({ currentTarget: { checked } }) =>
              setEvents(checked ? [...events, event] : events.filter((other) => other !== event))
            }
          />
        ))}
        <Input.Error>{errorOf('events')}</Input.Error>
      </fieldset>
    </FormDialog>
  );
}
