import type { Grant } from '@lovely/api';
import { Tooltip } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { groupsQuery } from '../groups/group-queries.ts';
import { useRoleName } from '../roles/role-queries.ts';
import styles from './GrantChips.module.css';

/** Somebody's roles, each with where it holds unless that is everywhere. */
export function GrantChips({ grants }: { grants: readonly Grant[] }) {
  const roleName = useRoleName();
  const { data } = useQuery({ ...groupsQuery, enabled: grants.some(({ groupIds }) => groupIds !== null) });
  if (grants.length === 0) return <span className={styles.none}>No role</span>;
  const groupName = (id: string): string => data?.items.find((group) => group.id === id)?.name ?? 'a deleted group';
  return (
    <span className={styles.chips}>
      {grants.map(({ roleId, groupIds }) => {
        const where = groupIds?.map(groupName).join(', ');
        return (
          <Tooltip
            key={`${roleId} ${groupIds?.join()}`}
            label={where === undefined ? 'For all houses' : `Only for houses in ${where}`}
          >
            <span className={styles.chip}>
              {roleName(roleId)}
              {where !== undefined && <small> in {where}</small>}
            </span>
          </Tooltip>
        );
      })}
    </span>
  );
}
