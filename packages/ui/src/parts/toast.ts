import { errorText } from './error-text.ts';

/** Says briefly that something is done; it goes away by itself. */
export async function toast(message: string): Promise<void> {
  const { notifications } = await import('@mantine/notifications');
  notifications.show({ message, color: 'violet', withBorder: true });
}

/** Says that something failed, and why. */
export async function toastError(what: string, error: unknown): Promise<void> {
  const { notifications } = await import('@mantine/notifications');
  notifications.show({ title: what, message: errorText(error), color: 'red', withBorder: true, autoClose: 10_000 });
}
