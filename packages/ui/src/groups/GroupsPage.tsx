/** Groups of houses: by hand, or by a filter that fills them by itself. */
import type { Group } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Group as GroupIcon, Plus } from 'lucide-react';
import { useState } from 'react';
import { count } from '../format/number.ts';
import { useMay } from '../may.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { filterText } from './filter-draft.ts';
import { groupsQuery } from './group-queries.ts';
import { GroupForm } from './GroupForm.tsx';
import { GroupKind } from './GroupKind.tsx';
import styles from './GroupsPage.module.css';

export function GroupsPage() {
  const query = useQuery(groupsQuery);
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  const make = may('group.write') && (
    <Button leftSection={<Plus size={16} />} onClick={() => setMaking(true)}>
      New group
    </Button>
  );
  return (
    <>
      <PageHeader
        title="Groups"
        detail="Houses that belong together: people’s roles can be limited to them."
        actions={make}
      />
      <ListCard
        query={query}
        items={query.data?.items}
        empty={
          <EmptyState
            icon={GroupIcon}
            title="No group yet"
            detail="Put houses together by hand, or let a filter do it: all with a tag, all with an old kernel."
          >
            {make}
          </EmptyState>
        }
      >
        {(groups) => <Table label="Groups" rows={groups} rowKey={({ id }) => id} columns={columns} />}
      </ListCard>
      {isMaking && <GroupForm onClose={() => setMaking(false)} />}
    </>
  );
}

const columns: Column<Group>[] = [
  {
    header: 'Group',
    cell: ({ id, name, description }) => (
      <>
        <Link {...paths.group(id)} className={rowLink}>
          {name}
        </Link>
        {description !== '' && <div className={styles.text}>{description}</div>}
      </>
    ),
  },
  { header: 'Filled', cell: ({ kind }) => <GroupKind kind={kind} /> },
  {
    header: 'Filter',
    isWideOnly: true,
    cell: ({ filter }) => filter && <span className={styles.text}>{filterText(filter)}</span>,
  },
  { header: 'Houses', align: 'right', cell: ({ devices }) => <b className="numeric">{count(devices)}</b> },
];
