/** The roles of a person: which, and whether for all houses or for those of some groups. */
import { BUILT_IN_ROLES, GRANTS_MAX, PERMISSIONS, type Grant, type Role } from '@lovely/api';
import { ActionIcon, Button, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { GroupsSelect } from '../groups/GroupSelect.tsx';
import { useMay } from '../may.ts';
import { rolesQuery } from '../roles/role-queries.ts';
import styles from './GrantsEditor.module.css';

const NO_ROLES: readonly Role[] = [];

export function GrantsEditor({ value, onChange }: { value: readonly Grant[]; onChange: (grants: Grant[]) => void }) {
  const may = useMay();
  const { data } = useQuery(rolesQuery);
  // Only who runs the system can make others run it.
  const roles = (data?.items ?? NO_ROLES).filter(
    (role) => may('system.admin') || !role.permissions.includes('system.admin') || value.some(has(role.id)),
  );
  const change = (index: number, grant: Grant): void => onChange(value.with(index, grant));
  return (
    <fieldset className={styles.grants}>
      <legend>Roles</legend>
      {value.map((grant, index) => (
        <GrantRow
          key={index}
          grant={grant}
          roles={roles}
          number={index + 1}
          onChange={(changed) => change(index, changed)}
          onRemove={() => onChange(value.toSpliced(index, 1))}
        />
      ))}
      {value.length === 0 && <p>Without a role a person can sign in, and sees nothing.</p>}
      {value.length < GRANTS_MAX && (
        <Button
          variant="default"
          size="xs"
          leftSection={<Plus size={14} />}
          onClick={() => onChange([...value, { roleId: unusedRole(roles, value), groupIds: null }])}
        >
          Add a role
        </Button>
      )}
    </fieldset>
  );
}

function GrantRow({
  grant,
  roles,
  number,
  onChange,
  onRemove,
}: {
  grant: Grant;
  roles: readonly Role[];
  number: number;
  onChange: (grant: Grant) => void;
  onRemove: () => void;
}) {
  const role = roles.find(({ id }) => id === grant.roleId);
  // What is for the whole organisation can't be limited to houses.
  const isLimitable = role?.permissions.some((permission) => PERMISSIONS[permission].byGroup) ?? true;
  return (
    <div className={styles.grant}>
      <div className={styles.line}>
        <NativeSelect
          aria-label={`Role ${number}`}
          data={roles.map(({ id, name }) => ({ value: id, label: name }))}
          value={grant.roleId}
          onChange={(event) => onChange({ ...grant, roleId: event.currentTarget.value })}
        />
        <NativeSelect
          aria-label={`Where role ${number} holds`}
          data={[
            { value: 'all', label: 'all houses' },
            { value: 'some', label: 'some groups', disabled: !isLimitable },
          ]}
          value={grant.groupIds === null ? 'all' : 'some'}
          onChange={(event) => onChange({ ...grant, groupIds: event.currentTarget.value === 'all' ? null : [] })}
        />
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Remove role ${number}`} onClick={onRemove}>
          <X size={16} aria-hidden />
        </ActionIcon>
      </div>
      {grant.groupIds !== null && (
        <GroupsSelect
          label={`Groups of role ${number}`}
          value={grant.groupIds}
          onChange={(groupIds) => onChange({ ...grant, groupIds })}
        />
      )}
      {role && role.description !== '' && <small>{role.description}</small>}
    </div>
  );
}

/** A grant that is limited to groups needs at least one. */
export function isComplete(grants: readonly Grant[]): boolean {
  return grants.every(({ groupIds }) => groupIds === null || groupIds.length > 0);
}

function has(roleId: string): (grant: Grant) => boolean {
  return (grant) => grant.roleId === roleId;
}

function unusedRole(roles: readonly Role[], used: readonly Grant[]): string {
  return roles.find(({ id }) => !used.some(has(id)))?.id ?? Object.keys(BUILT_IN_ROLES)[0]!;
}
