import { useQuery } from '@tanstack/react-query';
import { FileUp, Plus } from 'lucide-react';
import { summaryQuery } from '../api.ts';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { LinkButton } from '../parts/LinkButton.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';

export function DevicesHeader() {
  const may = useMay();
  const { data: summary } = useQuery(summaryQuery);
  return (
    <>
      <PageHeader
        title="Devices"
        detail={summary && `${plural(summary.devices, 'house')}, ${summary.connected.toLocaleString('en')} connected`}
        actions={
          may('device.accept') && (
            <>
              <LinkButton {...paths.importDevices()} variant="default" leftSection={<FileUp size={16} />}>
                Pre-authorise
              </LinkButton>
              <LinkButton {...paths.connect()} variant="light" leftSection={<Plus size={16} />}>
                Connect a home
              </LinkButton>
            </>
          )
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
