import { Button } from '@mantine/core';
import { UNDO_MS } from '../limits.ts';
import { toast, toastError } from './toast.ts';
import styles from './undo-toast.module.css';

/** Says that something is done, with a button that takes it back as long as it shows. */
export async function toastWithUndo(message: string, undo: () => Promise<unknown>): Promise<void> {
  const { notifications } = await import('@mantine/notifications');
  const id = crypto.randomUUID();
  const takeBack = async (): Promise<void> => {
    notifications.hide(id);
    try {
      await undo();
      await toast('It is as it was.');
    } catch (error) {
      await toastError('It could not be taken back', error);
    }
  };
  notifications.show({
    id,
    color: 'violet',
    withBorder: true,
    autoClose: UNDO_MS,
    message: (
      <span className={styles.line}>
        {message}
        <Button size="xs" variant="light" onClick={() => void takeBack()}>
          Undo
        </Button>
      </span>
    ),
  });
}
