/** Who is signed in, and how it looks to them. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { meQuery } from '../api.ts';
import { Card } from '../parts/Card.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { useSignOut } from '../shell/sign-out.ts';
import { ThemeControl } from '../shell/ThemeControl.tsx';
import styles from './AccountPage.module.css';

export function AccountPage() {
  const { data: me } = useQuery(meQuery);
  const signOut = useSignOut();
  return (
    <>
      <PageHeader title="Account" />
      <div className={styles.cards}>
        {me && (
          <Card title="You">
            <div className={styles.row}>
              <span>
                {me.name}
                <small>
                  {me.email} · {me.tenant.name}
                </small>
              </span>
              <Button variant="default" leftSection={<LogOut size={15} />} onClick={() => void signOut()}>
                Sign out
              </Button>
            </div>
          </Card>
        )}
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
      </div>
    </>
  );
}
