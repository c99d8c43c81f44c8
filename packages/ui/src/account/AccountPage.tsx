/** Who is signed in, what they may do, and how it looks to them. */
import { PERMISSION_NAMES, PERMISSIONS, updateMe, type User } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Check, LogOut } from 'lucide-react';
import { keys, meQuery, request } from '../api.ts';
import { plural } from '../format/number.ts';
import { Told } from '../notifications/Told.tsx';
import { Card } from '../parts/Card.tsx';
import { EditableText } from '../parts/EditableText.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { useSignOut } from '../shell/sign-out.ts';
import { ThemeControl } from '../shell/ThemeControl.tsx';
import styles from './AccountPage.module.css';

export function AccountPage() {
  const { data: me } = useQuery(meQuery);
  return (
    <>
      <PageHeader title="Account" />
      <div className={styles.cards}>
        {me && <Profile me={me} />}
        <Card title="Appearance">
          <div className={styles.row}>
            <span>
              Theme
              <small>Auto follows this computer.</small>
            </span>
            <div className={styles.control}>
              <ThemeControl />
            </div>
          </div>
        </Card>
        {me && <Told />}
        {me && <Allowed me={me} />}
      </div>
    </>
  );
}

function Profile({ me }: { me: User }) {
  const queryClient = useQueryClient();
  const signOut = useSignOut();
  const rename = async (name: string): Promise<void> => {
    queryClient.setQueryData(keys.me, await request(updateMe, { body: { name } }));
  };
  return (
    <Card title="You">
      <div className={styles.row}>
        <span>
          <EditableText label="Your name" value={me.name} isRequired onSave={rename} />
          <small>
            {me.email} · {me.tenant.name}
          </small>
        </span>
        <Button variant="default" leftSection={<LogOut size={15} aria-hidden />} onClick={() => void signOut()}>
          Sign out
        </Button>
      </div>
    </Card>
  );
}

function Allowed({ me }: { me: User }) {
  const allowed = PERMISSION_NAMES.filter((permission) => me.permissions[permission] !== undefined);
  return (
    <Card title="What you may do">
      {allowed.length === 0 && (
        <p className={styles.text}>Nothing yet: you have no role. Ask an administrator of {me.tenant.name} for one.</p>
      )}
      <ul className={styles.may}>
        {allowed.map((permission) => {
          const groups = me.permissions[permission];
          return (
            <li key={permission}>
              <Check size={15} aria-hidden />
              <span>
                {PERMISSIONS[permission].allows}
                {Array.isArray(groups) && <small> · in {plural(groups.length, 'group')} of houses</small>}
              </span>
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
