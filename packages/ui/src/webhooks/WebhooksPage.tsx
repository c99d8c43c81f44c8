/** Webhooks: other systems that are told what happens. */
import type { Webhook } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus, Webhook as WebhookIcon } from 'lucide-react';
import { useState } from 'react';
import { count, plural } from '../format/number.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import { WebhookState } from './WebhookState.tsx';
import { webhooksQuery } from './webhook-queries.ts';
import styles from './WebhooksPage.module.css';

export function WebhooksPage() {
  const query = useQuery(webhooksQuery);
  const [isMaking, setMaking] = useState(false);
  const make = (
    <Button leftSection={<Plus size={16} />} onClick={() => setMaking(true)}>
      New webhook
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Webhooks"
        detail="Other systems that are told what happens, with signed posts."
        actions={make}
      />
      <ListCard
        query={query}
        items={query.data?.items}
        empty={
          <EmptyState
            icon={WebhookIcon}
            title="No webhook yet"
            detail="Tell your ticket system of every alert, or your customer database of every house."
          >
            {make}
          </EmptyState>
        }
      >
        {(webhooks) => <Table label="Webhooks" rows={webhooks} rowKey={({ id }) => id} columns={columns} />}
      </ListCard>
      {isMaking && <WebhookForm onClose={() => setMaking(false)} />}
    </>
  );
}

const columns: Column<Webhook>[] = [
  {
    header: 'Webhook',
    cell: ({ id, name, url }) => (
      <>
        <Link {...paths.webhook(id)} className={rowLink}>
          {name}
        </Link>
        <div className={styles.url}>{url}</div>
      </>
    ),
  },
  { header: 'State', cell: (webhook) => <WebhookState webhook={webhook} /> },
  { header: 'Events', isWideOnly: true, cell: ({ events }) => plural(events.length, 'event') },
  { header: 'Waiting', isWideOnly: true, cell: ({ waiting }) => <span className="numeric">{count(waiting)}</span> },
  {
    header: 'Last delivered',
    align: 'right',
    cell: ({ deliveredAt }) => (deliveredAt === null ? 'never' : <RelativeTime time={deliveredAt} />),
  },
];
