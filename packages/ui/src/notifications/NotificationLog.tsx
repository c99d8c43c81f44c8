/** What was sent to whom, newest first. */
import type { Notification, NotificationState } from '@lovely/api';
import { SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, Clock, Mail, Send, SkipForward } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { count, plural } from '../format/number.ts';
import { Chip } from '../parts/Chip.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { notificationsQuery } from './notification-queries.ts';
import styles from './NotificationsPage.module.css';

const STATES = [
  { value: '', label: 'All' },
  { value: 'sent', label: 'Sent' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'failed', label: 'Failed' },
  { value: 'skipped', label: 'Not needed' },
];

export function NotificationLog({ tabs }: { tabs: ReactNode }) {
  const [state, setState] = useState('');
  const query = useInfiniteQuery(notificationsQuery(state === '' ? undefined : (state as NotificationState)));
  return (
    <>
      <PageHeader title="Notifications" detail="What was sent to whom, and what became of it; kept for 90 days." />
      {tabs}
      <div className={styles.toolbar}>
        <SegmentedControl aria-label="Which messages" size="xs" data={STATES} value={state} onChange={setState} />
      </div>
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={<EmptyState icon={Mail} title={state === '' ? 'Nobody was told anything yet' : 'No such message'} />}
      >
        {(items) => <Table label="Messages" rows={items} rowKey={({ id }) => id} columns={columns} />}
      </ListCard>
    </>
  );
}

const KINDS: Readonly<Record<Notification['kind'], string>> = {
  opened: 'New problem',
  more: 'More of it',
  reminder: 'Reminder',
  escalation: 'Nobody acknowledged',
  resolved: 'Back to green',
  test: 'Test',
};

const columns: Column<Notification>[] = [
  {
    header: 'Message',
    cell: ({ kind, subject, alerts }) => (
      <>
        <b>{subject === '' ? KINDS[kind] : subject}</b>
        <div className={styles.words}>
          {[subject === '' ? '' : KINDS[kind], alerts > 1 ? `${count(alerts)} alerts` : ''].filter(Boolean).join(' · ')}
        </div>
      </>
    ),
  },
  {
    header: 'To',
    cell: ({ recipient, policyName, kind }) => (
      <>
        {recipient}
        <div className={styles.words}>{policyName ?? (kind === 'test' ? 'asked for it' : 'subscribed')}</div>
      </>
    ),
  },
  { header: 'State', cell: (notification) => <NotificationStateChip notification={notification} /> },
  {
    header: 'Tries',
    isWideOnly: true,
    cell: ({ attempts }) => <span className="numeric">{attempts === 0 ? '–' : plural(attempts, 'try', 'tries')}</span>,
  },
  { header: 'When', align: 'right', cell: ({ sentAt, createdAt }) => <RelativeTime time={sentAt ?? createdAt} /> },
];

function NotificationStateChip({ notification: { state, reason } }: { notification: Notification }) {
  const why = reason !== null && <div className={styles.words}>{reason}</div>;
  switch (state) {
    case 'sent':
      return (
        <Chip tone="ok" icon={CircleCheck}>
          Sent
        </Chip>
      );
    case 'failed':
      return (
        <>
          <Chip tone="bad" icon={CircleX}>
            Failed
          </Chip>
          {why}
        </>
      );
    case 'skipped':
      return (
        <>
          <Chip tone="offline" icon={SkipForward}>
            Not needed
          </Chip>
          {why}
        </>
      );
    case 'waiting':
      return (
        <>
          <Chip tone="pending" icon={Clock}>
            Waiting
          </Chip>
          {why}
        </>
      );
    case 'sending':
      return (
        <>
          <Chip tone="pending" icon={Send}>
            On its way
          </Chip>
          {why}
        </>
      );
  }
}
