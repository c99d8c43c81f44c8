/** One role: what it allows, and who has it. */
import { deleteRole, PERMISSIONS, type Role } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Check, Copy, Pencil, Trash2, X } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PERMISSION_GROUPS } from './permission-groups.ts';
import { ROLES_KEY, rolesQuery } from './role-queries.ts';
import { RoleForm } from './RoleForm.tsx';
import { RoleHolders } from './RoleHolders.tsx';
import styles from './RolePage.module.css';

const route = getRouteApi('/app/settings/roles/$id');

export function RolePage() {
  const { id } = route.useParams();
  const query = useQuery(rolesQuery);
  const may = useMay();
  const [open, setOpen] = useState<'change' | 'copy' | 'delete'>();
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const role = query.data.items.find((candidate) => candidate.id === id);
  if (!role) return <NotFoundPage />;
  const close = (): void => setOpen(undefined);
  return (
    <>
      <PageHeader
        back={{ label: 'Roles', link: paths.roles() }}
        title={role.name}
        detail={role.builtIn ? `${role.description} Built in.` : role.description}
        actions={
          may('role.write') && (
            <>
              {!role.builtIn && (
                <Button variant="default" leftSection={<Pencil size={15} />} onClick={() => setOpen('change')}>
                  Change
                </Button>
              )}
              <Button variant="default" leftSection={<Copy size={15} />} onClick={() => setOpen('copy')}>
                Copy
              </Button>
              {!role.builtIn && (
                <Button variant="default" leftSection={<Trash2 size={15} />} onClick={() => setOpen('delete')}>
                  Delete
                </Button>
              )}
            </>
          )
        }
      />
      <div className={styles.columns}>
        <Card title="What it allows">
          {PERMISSION_GROUPS.map((group) => (
            <section key={group.label} className={styles.permissions}>
              <h3>
                {group.label} <small>{group.detail}</small>
              </h3>
              <ul>
                {group.permissions.map((permission) => {
                  const isAllowed = role.permissions.includes(permission);
                  const Icon = isAllowed ? Check : X;
                  return (
                    <li key={permission} data-allowed={isAllowed}>
                      <Icon size={16} strokeWidth={2.4} aria-label={isAllowed ? 'yes' : 'no'} />
                      {PERMISSIONS[permission].allows}
                    </li>
                  );
                })}
              </ul>
            </section>
          ))}
        </Card>
        <RoleHolders role={role} />
      </div>
      {open === 'change' && <RoleForm role={role} onClose={close} />}
      {open === 'copy' && <RoleForm from={role} onClose={close} />}
      {open === 'delete' && <DeleteRole role={role} onClose={close} />}
    </>
  );
}

function DeleteRole({ role, onClose }: { role: Role; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange(() => request(deleteRole, { params: { id: role.id } }), {
    outdated: [ROLES_KEY, ['users'], keys.me],
    done: `${role.name} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${role.name}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.roles()) })}
      onClose={onClose}
    >
      {role.users === 0 ? 'Nobody has it.' : `${plural(role.users, 'person', 'people')} lose it at once.`}
    </ConfirmDialog>
  );
}
