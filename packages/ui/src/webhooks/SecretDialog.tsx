import type { createWebhook, Result } from '@lovely/api';
import { Button, Modal } from '@mantine/core';
import { SecretLine } from '../parts/SecretLine.tsx';
import styles from './WebhooksPage.module.css';

/** The secret that a receiver verifies posts with, shown this once. */
export function SecretDialog({ made, onClose }: { made: Result<typeof createWebhook>; onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title={`The secret of ${made.webhook.name}`} size="lg">
      <div className={styles.secret}>
        <p>
          The receiver verifies with it that a post is from here; any library for Standard Webhooks takes it as it is.
          It is not shown again.
        </p>
        <SecretLine label="Secret" value={made.secret} />
        <div className={styles.actions}>
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    </Modal>
  );
}
