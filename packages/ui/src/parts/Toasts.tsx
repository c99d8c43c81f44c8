import { Notifications } from '@mantine/notifications';

/** Where `toast` shows. */
export function Toasts() {
  return <Notifications position="bottom-center" limit={3} />;
}
