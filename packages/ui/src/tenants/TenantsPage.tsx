/** The organisations of the whole system, for who runs it. */
import type { Tenant } from '@lovely/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Building2, Gauge, SearchX, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { count } from '../format/number.ts';
import { Filters } from '../parts/Filters.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import type { Column } from '../parts/Table.tsx';
import { ListPage } from '../shell/ListPage.tsx';
import { DeleteTenant } from './DeleteTenant.tsx';
import { NewTenant } from './NewTenant.tsx';
import { TenantLimitsForm } from './TenantLimitsForm.tsx';
import { tenantsQuery } from './tenants-queries.ts';
import styles from './TenantsPage.module.css';

export function TenantsPage() {
  const [search, setSearch] = useState('');
  const query = useInfiniteQuery(tenantsQuery(search));
  return (
    <ListPage
      title="Organisations"
      detail="Customers of this system. They never see each other."
      query={query}
      rows={query.data?.pages.flatMap(({ items }) => items)}
      columns={columns}
      make={{ label: 'New organisation', dialog: (onClose) => <NewTenant onClose={onClose} /> }}
      actions={[
        {
          label: 'Name and limits…',
          icon: Gauge,
          dialog: (tenant, onClose) => <TenantLimitsForm tenant={tenant} onClose={onClose} />,
        },
        {
          label: 'Delete…',
          icon: Trash2,
          isDanger: true,
          dialog: (tenant, onClose) => <DeleteTenant tenant={tenant} onClose={onClose} />,
        },
      ]}
      filters={
        <Filters>
          <SearchField label="Search organisations" value={search} onChange={setSearch} />
        </Filters>
      }
      empty={{ icon: search === '' ? Building2 : SearchX, title: 'No organisation has this name' }}
      isFiltered
    />
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
