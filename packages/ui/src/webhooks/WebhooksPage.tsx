/** Webhooks: other systems that are told what happens. */
import type { Webhook } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Webhook as WebhookIcon } from 'lucide-react';
import { count, plural } from '../format/number.ts';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { rowLink, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { WebhookForm } from './WebhookForm.tsx';
import { WebhookState } from './WebhookState.tsx';
import { webhooksQuery } from './webhook-queries.ts';
import styles from './WebhooksPage.module.css';

export function WebhooksPage() {
  const query = useQuery(webhooksQuery);
  return (
    <ListPage
      title="Webhooks"
      detail="Other systems that are told what happens, with signed posts."
      query={query}
      rows={query.data?.items}
      columns={columns}
      make={{ label: 'New webhook', dialog: (onClose) => <WebhookForm onClose={onClose} /> }}
      empty={{
        icon: WebhookIcon,
        title: 'No webhook yet',
        detail: 'Tell your ticket system of every alert, or your customer database of every house.',
      }}
    />
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
