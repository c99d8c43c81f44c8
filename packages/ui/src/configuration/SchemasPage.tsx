/** Schemas: what can be set on gateways, sensors and the client, and what is good. */
import type { ConfigurationSchema, ConfigurationSchemaOf } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Braces, Plus } from 'lucide-react';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { kindTitle } from '../sensors/sensor-text.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { schemasQuery } from './configuration-queries.ts';
import { ConfigurationTabs } from './ConfigurationsPage.tsx';

export function SchemasPage() {
  const query = useQuery(schemasQuery);
  const navigate = useNavigate();
  const may = useMay();
  return (
    <>
      <PageHeader
        title="Configuration"
        detail="What can be set on gateways and sensors, and which values are good."
        actions={
          may('tenant.write') && (
            <Button leftSection={<Plus size={16} />} onClick={() => void navigate(paths.newSchema())}>
              New schema
            </Button>
          )
        }
      />
      <ConfigurationTabs />
      <ListCard query={query} items={query.data?.items} empty={<EmptyState icon={Braces} title="No schema yet" />}>
        {(items) => <Table label="Schemas" rows={items} rowKey={({ key }) => key} columns={columns} />}
      </ListCard>
    </>
  );
}

const columns: Column<ConfigurationSchema>[] = [
  {
    header: 'Schema',
    cell: ({ key, title }) => (
      <Link {...paths.schema(key)} className={rowLink}>
        {title}
      </Link>
    ),
  },
  { header: 'For', cell: ({ of }) => schemaOfText(of) },
  { header: 'Settings', isWideOnly: true, cell: ({ fields }) => plural(fields.length, 'setting') },
  {
    header: 'Comes from',
    isWideOnly: true,
    cell: ({ origin, edited }) => (origin === 'own' ? 'you' : edited ? 'the system, changed' : 'the system'),
  },
];

export function schemaOfText(of: ConfigurationSchemaOf): string {
  switch (of.kind) {
    case 'client':
      return 'the client on every gateway';
    case 'gateway':
      return of.deviceTypes.length === 0 ? 'every gateway' : `gateways: ${of.deviceTypes.join(', ')}`;
    case 'sensors': {
      const which = [...of.kinds.map(kindTitle), ...of.models].join(', ');
      return which === '' ? 'every sensor' : `sensors: ${which}`;
    }
  }
}
