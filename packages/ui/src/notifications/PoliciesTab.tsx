/** The notification policies, in the order in which they are asked. */
import {
  deleteNotificationPolicy,
  orderNotificationPolicies,
  updateNotificationPolicy,
  type NotificationPolicy,
} from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { ArrowDown, ArrowUp, BellRing, CircleCheck, CircleSlash, Pencil, Plus, Power, Trash2 } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { request, requestVersion } from '../api.ts';
import { Chip } from '../parts/Chip.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { useMatchText } from './MatchFields.tsx';
import { policiesQuery, POLICIES_KEY } from './notification-queries.ts';
import { timingText } from './policy-words.ts';
import { PolicyForm } from './PolicyForm.tsx';
import { Preview } from './Preview.tsx';
import { useRecipientsText } from './recipients-text.ts';
import styles from './NotificationsPage.module.css';

type Open = { readonly kind: 'make' } | { readonly kind: 'change' | 'delete'; readonly policy: NotificationPolicy };

export function PoliciesTab({ tabs }: { tabs: ReactNode }) {
  const query = useQuery(policiesQuery);
  const [open, setOpen] = useState<Open>();
  const columns = useColumns();
  const close = (): void => setOpen(undefined);
  const policies = query.data?.items;
  const actions = useRowActions(policies ?? [], setOpen);
  const makeButton = (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setOpen({ kind: 'make' })}>
      New policy
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Notifications"
        detail="Who is told of which alerts, when, and who is next when nobody answers."
        actions={makeButton}
      />
      {tabs}
      <div className={styles.cards}>
        <ListCard
          query={query}
          items={policies}
          empty={
            <EmptyState
              icon={BellRing}
              title="Nobody is told yet"
              detail="Alerts are on the map and in the inbox. Have people told by e-mail, or a pager by a webhook."
            >
              {makeButton}
            </EmptyState>
          }
        >
          {(items) => (
            <Table
              label="Notification policies"
              rows={items}
              rowKey={({ id }) => id}
              columns={[...columns, { header: '', align: 'right', cell: actions }]}
            />
          )}
        </ListCard>
        <Preview />
      </div>
      {open?.kind === 'make' && <PolicyForm onClose={close} />}
      {open?.kind === 'change' && <PolicyForm policy={open.policy} onClose={close} />}
      {open?.kind === 'delete' && <Deletion policy={open.policy} onClose={close} />}
    </>
  );
}

function useColumns(): Column<NotificationPolicy>[] {
  const matchText = useMatchText();
  const recipientsText = useRecipientsText();
  return [
    {
      header: 'Policy',
      cell: ({ name, match, isLast }) => (
        <>
          <b>{name}</b>
          <div className={styles.words}>
            {matchText(match)}
            {isLast && ' · the last for these'}
          </div>
        </>
      ),
    },
    {
      header: 'Tells',
      cell: (policy) => (
        <>
          {recipientsText(policy.recipients)}
          <div className={styles.words}>{timingText(policy)}</div>
        </>
      ),
    },
    { header: 'State', cell: ({ enabled }) => <PolicyState isEnabled={enabled} /> },
  ];
}

function PolicyState({ isEnabled }: { isEnabled: boolean }) {
  return isEnabled ? (
    <Chip tone="ok" icon={CircleCheck}>
      On
    </Chip>
  ) : (
    <Chip tone="offline" icon={CircleSlash}>
      Off
    </Chip>
  );
}

function useRowActions(
  policies: readonly NotificationPolicy[],
  setOpen: (open: Open) => void,
): (policy: NotificationPolicy) => ReactNode {
  const outdated = [POLICIES_KEY];
  const order = useChange((ids: string[]) => request(orderNotificationPolicies, { body: { ids } }), { outdated });
  const toggle = useChange(
    ({ id, enabled, version }: NotificationPolicy) =>
      requestVersion(updateNotificationPolicy, { params: { id }, body: { enabled: !enabled } }, version),
    { outdated },
  );
  const onError = (error: unknown): void => void toastError('Not changed', error);
  return (policy) => {
    const at = policies.indexOf(policy);
    const moveTo = (to: number): void => {
      const ids = policies.filter((other) => other !== policy).map(({ id }) => id);
      order.mutate(ids.toSpliced(to, 0, policy.id), { onError });
    };
    return (
      <RowMenu label={`Actions for ${policy.name}`}>
        <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setOpen({ kind: 'change', policy })}>
          Change…
        </Menu.Item>
        <Menu.Item leftSection={<Power size={15} />} onClick={() => toggle.mutate(policy, { onError })}>
          {policy.enabled ? 'Turn off' : 'Turn on'}
        </Menu.Item>
        <Menu.Item leftSection={<ArrowUp size={15} />} disabled={at === 0} onClick={() => moveTo(at - 1)}>
          Ask earlier
        </Menu.Item>
        <Menu.Item
          leftSection={<ArrowDown size={15} />}
          disabled={at === policies.length - 1}
          onClick={() => moveTo(at + 1)}
        >
          Ask later
        </Menu.Item>
        <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setOpen({ kind: 'delete', policy })}>
          Delete…
        </Menu.Item>
      </RowMenu>
    );
  };
}

function Deletion({ policy, onClose }: { policy: NotificationPolicy; onClose: () => void }) {
  const remove = useChange(() => request(deleteNotificationPolicy, { params: { id: policy.id } }), {
    outdated: [POLICIES_KEY],
    done: 'The policy is deleted.',
  });
  return (
    <ConfirmDialog
      title={`Delete ${policy.name}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Nobody is told anything more by it, not even that a problem is over.
    </ConfirmDialog>
  );
}
