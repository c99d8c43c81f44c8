/** What stands on the map for somebody who may see no house at all: why it is empty, and whom to ask. */
import { PERMISSION_NAMES } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { KeyRound, RotateCw } from 'lucide-react';
import { meQuery } from '../api.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { paths } from '../paths.ts';
import styles from './EmptyFleet.module.css';

export function NoRole() {
  const { data: me } = useQuery(meQuery);
  if (!me) return null;
  const hasNone = PERMISSION_NAMES.every((permission) => me.permissions[permission] === undefined);
  return (
    <div className={styles.card}>
      <EmptyState
        icon={KeyRound}
        title={hasNone ? 'You have no role yet' : 'You may not see any house'}
        detail={
          hasNone
            ? `Ask an administrator of ${me.tenant.name} to give ${me.email} a role. Houses light up here then.`
            : `Your role is for other things. Ask an administrator of ${me.tenant.name} for one that may see houses.`
        }
      >
        <Button leftSection={<RotateCw size={15} aria-hidden />} onClick={() => location.reload()}>
          Look again
        </Button>
        <LinkButton {...paths.account()} variant="default">
          What you may do
        </LinkButton>
      </EmptyState>
    </div>
  );
}
