/** One group, and the houses in it. */
import { ApiError, deleteGroup, type Group } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { GroupConfiguration } from '../configuration/GroupConfiguration.tsx';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Tabs } from '../parts/Tabs.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { GroupVersions } from '../versions/GroupVersions.tsx';
import { filterText } from './filter-draft.ts';
import { GroupDevices } from './GroupDevices.tsx';
import { GROUPS_KEY, groupQuery } from './group-queries.ts';
import { GroupForm } from './GroupForm.tsx';
import { GroupKind } from './GroupKind.tsx';
import styles from './GroupPage.module.css';

const route = getRouteApi('/app/settings/groups/$id');

export function GroupPage() {
  const { id } = route.useParams();
  const { tab } = route.useSearch();
  const query = useQuery(groupQuery(id));
  const may = useMay();
  const [open, setOpen] = useState<'change' | 'delete'>();
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const group = query.data;
  const mayWrite = may('group.write');
  return (
    <>
      <PageHeader
        back={{ label: 'Groups', link: paths.groups() }}
        title={group.name}
        detail={
          <span className={styles.detail}>
            <GroupKind kind={group.kind} /> {plural(group.devices, 'house')}
            {group.description !== '' && ` · ${group.description}`}
          </span>
        }
        actions={
          mayWrite && (
            <>
              <Button variant="default" leftSection={<Pencil size={15} />} onClick={() => setOpen('change')}>
                {group.kind === 'dynamic' ? 'Change the filter' : 'Rename'}
              </Button>
              <Button variant="default" leftSection={<Trash2 size={15} />} onClick={() => setOpen('delete')}>
                Delete
              </Button>
            </>
          )
        }
      />
      {group.filter && <p className={styles.filter}>Houses where {filterText(group.filter)}.</p>}
      <Tabs
        label="Group"
        tabs={[
          { label: 'Houses', link: paths.group(id) },
          { label: 'Configuration', link: paths.group(id, 'configuration') },
        ]}
      />
      {tab === 'configuration' ? (
        <GroupConfiguration group={group} />
      ) : (
        <>
          <GroupVersions groupId={id} />
          <GroupDevices group={group} mayWrite={mayWrite} />
        </>
      )}
      {open === 'change' && <GroupForm group={group} onClose={() => setOpen(undefined)} />}
      {open === 'delete' && <DeleteGroup group={group} onClose={() => setOpen(undefined)} />}
    </>
  );
}

function DeleteGroup({ group, onClose }: { group: Group; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange(() => request(deleteGroup, { params: { id: group.id } }), {
    outdated: [[...GROUPS_KEY, 'all'], keys.me],
    done: `${group.name} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${group.name}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.groups()) })}
      onClose={onClose}
    >
      Its houses stay. Roles that are limited to this group hold there no more.
    </ConfirmDialog>
  );
}
