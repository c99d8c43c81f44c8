import { Button, Modal } from '@mantine/core';
import { Mail, MailX } from 'lucide-react';
import { RemainingTime } from '../parts/RemainingTime.tsx';
import { SecretLine } from '../parts/SecretLine.tsx';
import styles from './LinkDialog.module.css';

/** A one-time link that is shown this once, and whether it was mailed too. */
export function LinkDialog({
  title,
  made,
  onClose,
}: {
  title: string;
  made: { url: string; expiresAt: string; isMailed: boolean };
  onClose: () => void;
}) {
  const Icon = made.isMailed ? Mail : MailX;
  return (
    <Modal opened onClose={onClose} title={title} size="lg">
      <div className={styles.made}>
        <p className={styles.mailed}>
          <Icon size={16} aria-hidden />
          {made.isMailed ? 'It is on its way by e-mail.' : 'No e-mail was sent: hand the link over yourself.'}
        </p>
        <SecretLine label="Link" value={made.url} />
        <p>
          It works once, <RemainingTime time={made.expiresAt} />, and is not shown again.
        </p>
        <div className={styles.actions}>
          <Button onClick={onClose}>Done</Button>
        </div>
      </div>
    </Modal>
  );
}
