/** Groups of houses: by hand, or by a filter that fills them by itself. */
import type { Group } from '@lovely/api';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Group as GroupIcon } from 'lucide-react';
import { count } from '../format/number.ts';
import { useMay } from '../may.ts';
import { rowLink, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { filterText } from './filter-draft.ts';
import { groupsQuery } from './group-queries.ts';
import { GroupForm } from './GroupForm.tsx';
import { GroupKind } from './GroupKind.tsx';
import styles from './GroupsPage.module.css';

export function GroupsPage() {
  const query = useQuery(groupsQuery);
  const may = useMay();
  return (
    <ListPage
      title="Groups"
      detail="Houses that belong together: people’s roles can be limited to them."
      query={query}
      rows={query.data?.items}
      columns={columns}
      make={may('group.write') && { label: 'New group', dialog: (onClose) => <GroupForm onClose={onClose} /> }}
      empty={{
        icon: GroupIcon,
        title: 'No group yet',
        detail: 'Put houses together by hand, or let a filter do it: all with a tag, all with an old kernel.',
      }}
    />
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
