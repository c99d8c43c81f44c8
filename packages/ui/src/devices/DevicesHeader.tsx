import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { summaryQuery } from '../api.ts';
import { plural } from '../format/number.ts';
import { LinkButton } from '../parts/LinkButton.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';

export function DevicesHeader() {
  const { data: summary } = useQuery(summaryQuery);
  return (
    <>
      <PageHeader
        title="Devices"
        detail={summary && `${plural(summary.devices, 'house')}, ${summary.connected.toLocaleString('en')} connected`}
        actions={
          <LinkButton {...paths.connect()} variant="light" leftSection={<Plus size={16} />}>
            Connect a home
          </LinkButton>
        }
      />
      <Tabs
        label="Devices"
        tabs={[
          { label: 'All', link: { to: '/devices' } },
          { label: 'Pending', link: paths.pending(), count: summary?.pending },
        ]}
      />
    </>
  );
}
