/** Who is told of alerts: the policies in their order, a trial on one house, and the log of what was sent. */
import { getRouteApi } from '@tanstack/react-router';
import { Tabs } from '../parts/Tabs.tsx';
import { paths } from '../paths.ts';
import { NotificationLog } from './NotificationLog.tsx';
import { PoliciesTab } from './PoliciesTab.tsx';

const route = getRouteApi('/app/settings/notifications');

const TABS = [
  { label: 'Policies', link: paths.notifications() },
  { label: 'What was sent', link: paths.notifications('log') },
];

export function NotificationsPage() {
  const { tab } = route.useSearch();
  const tabs = <Tabs label="Notifications" tabs={TABS} />;
  return tab === 'log' ? <NotificationLog tabs={tabs} /> : <PoliciesTab tabs={tabs} />;
}
