import { Button, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { FormError } from './FormError.tsx';
import styles from './FormDialog.module.css';
import { useReturnFocus } from './use-return-focus.ts';

/** A form in a dialog, open as long as it is rendered: its fields, why it was refused, Cancel and the button that does it. */
export function FormDialog({
  title,
  submitLabel,
  change,
  onSubmit,
  onClose,
  isReady = true,
  isDanger = false,
  size = 'md',
  children,
}: {
  title: string;
  submitLabel: string;
  change: { isPending: boolean; error: unknown };
  onSubmit: (form: HTMLFormElement) => void;
  onClose: () => void;
  isReady?: boolean;
  isDanger?: boolean;
  size?: 'md' | 'lg' | 'xl';
  children?: ReactNode;
}) {
  useReturnFocus();
  return (
    <Modal opened onClose={onClose} title={title} size={size}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(event.currentTarget);
        }}
      >
        {children}
        <FormError error={change.error} />
        <div className={styles.actions}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!isReady} loading={change.isPending} {...(isDanger ? { color: 'red' } : {})}>
            {submitLabel}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
