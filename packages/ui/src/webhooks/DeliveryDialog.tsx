import type { Delivery } from '@lovely/api';
import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { CopyBlock } from '../parts/CopyBlock.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { deliveryQuery } from './webhook-queries.ts';
import styles from './WebhookPage.module.css';

/** What was sent, and how the receiver answered. */
export function DeliveryDialog({
  webhookId,
  delivery,
  onClose,
}: {
  webhookId: string;
  delivery: Delivery;
  onClose: () => void;
}) {
  const query = useQuery(deliveryQuery(webhookId, delivery.id));
  return (
    <Modal opened onClose={onClose} title={delivery.event} size="lg">
      {query.isPending && <Waiting rows={3} />}
      {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <div className={styles.delivery}>
          <section>
            <h3>Sent</h3>
            <CopyBlock label="What was sent" text={indented(query.data.payload)} />
          </section>
          {query.data.responseExcerpt !== null && (
            <section>
              <h3>Answered{query.data.status !== null && ` with status ${query.data.status}`}</h3>
              <CopyBlock label="What was answered" text={query.data.responseExcerpt} />
            </section>
          )}
        </div>
      )}
    </Modal>
  );
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
