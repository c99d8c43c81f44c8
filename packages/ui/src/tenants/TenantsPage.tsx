/** The organisations of the whole system, for who runs it. */
import type { Tenant } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Building2, Gauge, Plus, SearchX, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { count } from '../format/number.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { DeleteTenant } from './DeleteTenant.tsx';
import { NewTenant } from './NewTenant.tsx';
import { TenantLimitsForm } from './TenantLimitsForm.tsx';
import { tenantsQuery } from './tenants-queries.ts';
import styles from './TenantsPage.module.css';

type Open = { form: 'new' } | { form: 'limits' | 'delete'; tenant: Tenant };

export function TenantsPage() {
  const [search, setSearch] = useState('');
  const [open, setOpen] = useState<Open>();
  const query = useInfiniteQuery(tenantsQuery(search));
  const close = (): void => setOpen(undefined);
  return (
    <>
      <PageHeader
        title="Organisations"
        detail="Customers of this system. They never see each other."
        actions={
          <Button leftSection={<Plus size={16} />} onClick={() => setOpen({ form: 'new' })}>
            New organisation
          </Button>
        }
      />
      <Filters>
        <SearchField label="Search organisations" value={search} onChange={setSearch} />
      </Filters>
      <ListCard
        query={query}
        items={query.data?.pages.flatMap(({ items }) => items)}
        empty={<EmptyState icon={search === '' ? Building2 : SearchX} title="No organisation has this name" />}
      >
        {(items) => (
          <Table
            label="Organisations"
            rows={items}
            rowKey={({ id }) => id}
            columns={[
              ...columns,
              {
                header: '',
                align: 'right',
                cell: (tenant) => (
                  <RowMenu label={`Actions for ${tenant.name}`}>
                    <Menu.Item leftSection={<Gauge size={15} />} onClick={() => setOpen({ form: 'limits', tenant })}>
                      Name and limits…
                    </Menu.Item>
                    <Menu.Item
                      leftSection={<Trash2 size={15} />}
                      color="red"
                      onClick={() => setOpen({ form: 'delete', tenant })}
                    >
                      Delete…
                    </Menu.Item>
                  </RowMenu>
                ),
              },
            ]}
          />
        )}
      </ListCard>
      {open?.form === 'new' && <NewTenant onClose={close} />}
      {open?.form === 'limits' && <TenantLimitsForm tenant={open.tenant} onClose={close} />}
      {open?.form === 'delete' && <DeleteTenant tenant={open.tenant} onClose={close} />}
    </>
  );
}

const columns: Column<Tenant>[] = [
  { header: 'Name', cell: ({ name }) => <span className={styles.name}>{name}</span> },
  {
    header: 'Gateways',
    cell: ({ usage, limits }) => (
      <span className="numeric">
        {count(usage.devices)}
        {limits.devices !== null && ` of ${count(limits.devices)}`}
      </span>
    ),
  },
  {
    header: 'Connected',
    isWideOnly: true,
    cell: ({ usage }) => <span className="numeric">{count(usage.connected)}</span>,
  },
  { header: 'People', isWideOnly: true, cell: ({ usage }) => <span className="numeric">{count(usage.users)}</span> },
  { header: 'Since', isWideOnly: true, cell: ({ createdAt }) => <RelativeTime time={createdAt} /> },
];
