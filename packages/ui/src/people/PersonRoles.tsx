import { updateUser, type UserAccount } from '@lovely/api';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { keys, requestVersion } from '../api.ts';
import { ROLES_KEY } from '../roles/role-queries.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { useChange } from '../parts/use-change.ts';
import { GrantsEditor, isComplete } from './GrantsEditor.tsx';
import { USERS_KEY } from './people-queries.ts';
import styles from './PersonPage.module.css';

/** Gives and takes roles; what was changed counts when it is saved. */
export function PersonRoles({ person }: { person: UserAccount }) {
  const [grants, setGrants] = useState(person.grants);
  const save = useChange(
    () => requestVersion(updateUser, { params: { id: person.id }, body: { grants } }, person.version),
    { outdated: [USERS_KEY, ROLES_KEY, keys.me], done: `Saved. It counts at once.` },
  );
  const isChanged = grants !== person.grants;
  return (
    <Card title="What they may do">
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(undefined);
        }}
      >
        <GrantsEditor value={grants} onChange={setGrants} />
        <FormError error={save.error} />
        <Button type="submit" disabled={!isChanged || !isComplete(grants)} loading={save.isPending}>
          Save roles
        </Button>
      </form>
    </Card>
  );
}
