/** One webhook, and what was delivered to it. */
import { ApiError, deleteWebhook, rotateWebhookSecret, testWebhook } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { KeyRound, Pencil, Send, Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { Deliveries } from './Deliveries.tsx';
import { SecretDialog } from './SecretDialog.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import { WebhookState } from './WebhookState.tsx';
import { webhookQuery, WEBHOOKS_KEY } from './webhook-queries.ts';
import styles from './WebhookPage.module.css';

const route = getRouteApi('/app/settings/webhooks/$id');

export function WebhookPage() {
  const { id } = route.useParams();
  const navigate = useNavigate();
  const query = useQuery(webhookQuery(id));
  const [open, setOpen] = useState<'change' | 'rotate' | 'delete'>();
  const params = { id };
  const outdated = [WEBHOOKS_KEY];
  const test = useChange(() => request(testWebhook, { params }), {
    outdated,
    done: ({ state, error }) =>
      state === 'delivered'
        ? 'The test was delivered.'
        : `The test was sent. ${error ?? 'See below what became of it.'}`,
  });
  const rotate = useChange(() => request(rotateWebhookSecret, { params, body: { overlapHours: 24 } }), { outdated });
  const remove = useChange(() => request(deleteWebhook, { params }), {
    outdated: [[...WEBHOOKS_KEY, 'list']],
    done: 'The webhook is deleted.',
  });
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const webhook = query.data;
  const close = (): void => setOpen(undefined);
  return (
    <>
      <PageHeader
        back={{ label: 'Webhooks', link: paths.webhooks() }}
        title={webhook.name}
        detail={
          <span className={styles.detail}>
            <WebhookState webhook={webhook} /> <span>{webhook.url}</span>
          </span>
        }
        actions={
          <>
            <Button
              leftSection={<Send size={15} />}
              loading={test.isPending}
              onClick={() => test.mutate(undefined, { onError: (error) => void toastError('No test was sent', error) })}
            >
              Send a test
            </Button>
            <RowMenu label={`Actions for ${webhook.name}`}>
              <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setOpen('change')}>
                Change…
              </Menu.Item>
              <Menu.Item leftSection={<KeyRound size={15} />} onClick={() => setOpen('rotate')}>
                New secret…
              </Menu.Item>
              <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setOpen('delete')}>
                Delete…
              </Menu.Item>
            </RowMenu>
          </>
        }
      />
      {(webhook.disabledReason ?? webhook.failingSince) !== null && (
        <div className={styles.notice}>
          <Notice icon={TriangleAlert} tone="warn" title="Deliveries fail">
            {webhook.disabledReason}{' '}
            {webhook.failingSince !== null && (
              <>
                It has failed since <RelativeTime time={webhook.failingSince} />. Once it is mended, send what failed
                again.
              </>
            )}
          </Notice>
        </div>
      )}
      <Deliveries webhook={webhook} />
      {open === 'change' && <WebhookForm webhook={webhook} onClose={close} />}
      {open === 'rotate' && !rotate.data && (
        <ConfirmDialog
          title={`A new secret for ${webhook.name}?`}
          submitLabel="Make a new secret"
          change={rotate}
          onConfirm={() => rotate.mutate(undefined)}
          onClose={close}
        >
          Posts are signed with the old one too for 24 hours, so that the receiver has time to change.
        </ConfirmDialog>
      )}
      {open === 'rotate' && rotate.data && (
        <SecretDialog
          made={rotate.data}
          onClose={() => {
            rotate.reset();
            close();
          }}
        />
      )}
      {open === 'delete' && (
        <ConfirmDialog
          title={`Delete ${webhook.name}?`}
          submitLabel="Delete"
          change={remove}
          onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.webhooks()) })}
          onClose={close}
        >
          It is told nothing more, and what was delivered is forgotten.
        </ConfirmDialog>
      )}
    </>
  );
}
