import { createRole, PERMISSIONS, updateRole, type Permission, type Role } from '@lovely/api';
import { Checkbox, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request, requestVersion } from '../api.ts';
import { useMay } from '../may.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { PERMISSION_GROUPS } from './permission-groups.ts';
import { ROLES_KEY } from './role-queries.ts';
import styles from './RoleForm.module.css';

/** Makes a role of one's own, from another where one is given, or changes one. */
export function RoleForm({ role, from, onClose }: { role?: Role; from?: Role; onClose: () => void }) {
  const navigate = useNavigate();
  const may = useMay();
  const [name, setName] = useState(role?.name ?? (from ? `${from.name} of our own` : ''));
  const [description, setDescription] = useState(role?.description ?? from?.description ?? '');
  const [chosen, setChosen] = useState<ReadonlySet<Permission>>(
    new Set(role?.permissions ?? from?.permissions ?? ['fleet.read']),
  );
  const save = useChange(
    () => {
      const body = { name: name.trim(), description: description.trim(), permissions: [...chosen] };
      return role
        ? requestVersion(updateRole, { params: { id: role.id }, body }, role.version)
        : request(createRole, { body });
    },
    { outdated: [ROLES_KEY, ['users'], keys.me], done: ({ name: saved }) => `${saved} is saved.` },
  );
  const toggle = (permission: Permission, isOn: boolean): void => {
    const next = new Set(chosen);
    if (isOn) next.add(permission);
    else next.delete(permission);
    setChosen(next);
  };
  return (
    <FormDialog
      title={role ? `Change ${role.name}` : 'New role'}
      submitLabel={role ? 'Save' : 'Make the role'}
      change={save}
      isReady={name.trim() !== ''}
      onSubmit={() =>
        save.mutate(undefined, {
          onSuccess: (saved) => {
            onClose();
            void navigate(paths.role(saved.id));
          },
        })
      }
      onClose={onClose}
      size="lg"
    >
      <TextInput label="Name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {PERMISSION_GROUPS.map((group) => (
        <fieldset key={group.label} className={styles.permissions}>
          <legend>
            {group.label} <small>{group.detail}</small>
          </legend>
          {group.permissions.map((permission) => (
            <Checkbox
              key={permission}
              label={PERMISSIONS[permission].allows}
              {...(may(permission) ? {} : { description: 'You may not do this yourself.' })}
              disabled={!may(permission) && !chosen.has(permission)}
              checked={chosen.has(permission)}
              onChange={(event) => toggle(permission, event.currentTarget.checked)}
            />
          ))}
        </fieldset>
      ))}
    </FormDialog>
  );
}
