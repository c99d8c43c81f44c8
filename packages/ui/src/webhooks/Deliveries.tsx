import { replayDelivery, replayFailedDeliveries, type Delivery, type Webhook } from '@lovely/api';
import { Button, Menu, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { CircleCheck, CircleX, Clock, Eye, RotateCw, Send } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { plural } from '../format/number.ts';
import { span, toMs } from '../format/time.ts';
import { useNowText } from '../format/use-now.ts';
import { Chip } from '../parts/Chip.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { DeliveryDialog } from './DeliveryDialog.tsx';
import { deliveriesQuery, WEBHOOKS_KEY } from './webhook-queries.ts';
import styles from './WebhookPage.module.css';

const STATES = [
  { value: '', label: 'All' },
  { value: 'waiting', label: 'Waiting' },
  { value: 'delivered', label: 'Delivered' },
  { value: 'failed', label: 'Failed' },
];

/** What was sent to a webhook, newest first, and the way to send it again. */
export function Deliveries({ webhook }: { webhook: Webhook }) {
  const [state, setState] = useState('');
  const [shown, setShown] = useState<Delivery>();
  const query = useInfiniteQuery(deliveriesQuery(webhook.id, state === '' ? undefined : (state as Delivery['state'])));
  const outdated = [WEBHOOKS_KEY];
  const replay = useChange(
    (delivery: Delivery) => request(replayDelivery, { params: { id: webhook.id, deliveryId: delivery.id } }),
    { outdated, done: 'It is sent again.' },
  );
  const replayAll = useChange(
    () => request(replayFailedDeliveries, { params: { id: webhook.id }, body: { since: webhook.createdAt } }),
    { outdated, done: ({ replayed }) => `${plural(replayed, 'delivery', 'deliveries')} sent again.` },
  );
  const actions: Column<Delivery> = {
    header: '',
    align: 'right',
    cell: (delivery) => (
      <RowMenu label={`Actions for the delivery of ${delivery.event}`}>
        <Menu.Item leftSection={<Eye size={15} />} onClick={() => setShown(delivery)}>
          What was sent
        </Menu.Item>
        <Menu.Item
          leftSection={<RotateCw size={15} />}
          onClick={() => replay.mutate(delivery, { onError: (error) => void toastError('Not sent again', error) })}
        >
          Send again
        </Menu.Item>
      </RowMenu>
    ),
  };
  return (
    <>
      <div className={styles.toolbar}>
        <SegmentedControl aria-label="Which deliveries" size="xs" data={STATES} value={state} onChange={setState} />
        <Button
          variant="default"
          size="xs"
          leftSection={<RotateCw size={14} />}
          loading={replayAll.isPending}
          onClick={() => replayAll.mutate(undefined, { onError: (error) => void toastError('Not sent again', error) })}
        >
          Send all failed again
        </Button>
      </div>
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={<EmptyState icon={Send} title={state === '' ? 'Nothing was sent yet' : 'No such delivery'} />}
      >
        {(deliveries) => (
          <Table label="Deliveries" rows={deliveries} rowKey={({ id }) => id} columns={[...columns, actions]} />
        )}
      </ListCard>
      {shown && <DeliveryDialog webhookId={webhook.id} delivery={shown} onClose={() => setShown(undefined)} />}
    </>
  );
}

const columns: Column<Delivery>[] = [
  { header: 'Event', cell: ({ event }) => <span className={styles.event}>{event}</span> },
  { header: 'State', cell: (delivery) => <DeliveryState delivery={delivery} /> },
  {
    header: 'Answer',
    cell: ({ status, error }) => (
      <span className={styles.problem}>{error ?? (status === null ? '–' : `status ${status}`)}</span>
    ),
  },
  {
    header: 'Tries',
    isWideOnly: true,
    cell: ({ attempts, nextAttemptAt }) => (
      <span className="numeric">
        {attempts}
        {nextAttemptAt !== null && <NextTry time={nextAttemptAt} />}
      </span>
    ),
  },
  { header: 'When', align: 'right', cell: ({ createdAt }) => <RelativeTime time={createdAt} /> },
];

/** Nothing while it is due. */
function NextTry({ time }: { time: string }) {
  return useNowText((now) => (toMs(time) > now ? `, again in ${span(toMs(time) - now)}` : ''));
}

function DeliveryState({ delivery: { state } }: { delivery: Delivery }) {
  switch (state) {
    case 'delivered':
      return (
        <Chip tone="ok" icon={CircleCheck}>
          Delivered
        </Chip>
      );
    case 'failed':
      return (
        <Chip tone="bad" icon={CircleX}>
          Failed
        </Chip>
      );
    case 'waiting':
      return (
        <Chip tone="pending" icon={Clock}>
          Waiting
        </Chip>
      );
  }
}
