/** Roles: what each may do, as one picture. */
import { PERMISSIONS, type Permission, type Role } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Check, Plus } from 'lucide-react';
import { Fragment, useState } from 'react';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { ListCard } from '../parts/ListCard.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { PERMISSION_GROUPS } from './permission-groups.ts';
import { rolesQuery } from './role-queries.ts';
import { RoleForm } from './RoleForm.tsx';
import styles from './RolesPage.module.css';

export function RolesPage() {
  const query = useQuery(rolesQuery);
  const may = useMay();
  const [isMaking, setMaking] = useState(false);
  return (
    <>
      <PageHeader
        title="Roles"
        detail="What people may do. A person can have several, each for all houses or for some groups."
        actions={
          may('role.write') && (
            <Button leftSection={<Plus size={16} />} onClick={() => setMaking(true)}>
              New role
            </Button>
          )
        }
      />
      <ListCard query={query} items={query.data?.items} empty={null}>
        {(roles) => (
          // Wider than a phone, so it scrolls by itself.
          <section className={styles.scroll} aria-label="Roles and their permissions">
            <table className={styles.matrix}>
              <thead>
                <tr>
                  <th scope="col">Permission</th>
                  {roles.map((role) => (
                    <th key={role.id} scope="col">
                      <Link {...paths.role(role.id)}>{role.name}</Link>
                      <small>{plural(role.users, 'person', 'people')}</small>
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {PERMISSION_GROUPS.map((group) => (
                  <Fragment key={group.label}>
                    <tr className={styles.group}>
                      <th scope="colgroup" colSpan={roles.length + 1}>
                        {group.label} <small>{group.detail}</small>
                      </th>
                    </tr>
                    {group.permissions.map((permission) => (
                      <tr key={permission}>
                        <th scope="row">{PERMISSIONS[permission].allows}</th>
                        {roles.map((role) => (
                          <td key={role.id}>
                            <Mark role={role} permission={permission} />
                          </td>
                        ))}
                      </tr>
                    ))}
                  </Fragment>
                ))}
              </tbody>
            </table>
          </section>
        )}
      </ListCard>
      {isMaking && <RoleForm onClose={() => setMaking(false)} />}
    </>
  );
}

function Mark({ role, permission }: { role: Role; permission: Permission }) {
  return role.permissions.includes(permission) ? (
    <Check size={17} strokeWidth={2.6} aria-label="yes" className={styles.yes} />
  ) : (
    <span className={styles.no}>
      <span aria-hidden>·</span>
      <span className="visually-hidden">no</span>
    </span>
  );
}
