/** Everybody who belongs to the organisation, and who is invited. */
import type { UserAccount } from '@lovely/api';
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { SearchX, ShieldCheck, ShieldOff, UserRoundPlus } from 'lucide-react';
import { useState } from 'react';
import { useMay } from '../may.ts';
import { Chip } from '../parts/Chip.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { rowLink, Table, type Column } from '../parts/Table.tsx';
import { paths } from '../paths.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { GrantChips } from './GrantChips.tsx';
import { InvitationList } from './InvitationList.tsx';
import { Invite } from './Invite.tsx';
import { PersonState } from './PersonState.tsx';
import { usersQuery } from './people-queries.ts';
import styles from './PeoplePage.module.css';

const route = getRouteApi('/app/settings/people');

export function PeoplePage() {
  const { search = '' } = route.useSearch();
  const navigate = useNavigate();
  const may = useMay();
  const [isInviting, setInviting] = useState(false);
  const query = useInfiniteQuery(usersQuery(search));
  return (
    <>
      <PageHeader
        title="People"
        detail="Who can sign in here, and what they may do."
        actions={
          may('people.write') && (
            <Button leftSection={<UserRoundPlus size={16} />} onClick={() => setInviting(true)}>
              Invite
            </Button>
          )
        }
      />
      <Filters>
        <SearchField
          label="Search people"
          placeholder="Name or e-mail"
          value={search}
          onChange={(text) => void navigate({ ...paths.people(text), replace: true })}
        />
      </Filters>
      <div className={styles.cards}>
        <ListCard
          query={query}
          items={query.data?.pages.flatMap(({ items }) => items)}
          empty={<EmptyState icon={SearchX} title="Nobody has this name" />}
        >
          {(users) => <Table label="People" rows={users} rowKey={({ id }) => id} columns={columns} />}
        </ListCard>
        <InvitationList />
      </div>
      {isInviting && <Invite onClose={() => setInviting(false)} />}
    </>
  );
}

const columns: Column<UserAccount>[] = [
  {
    header: 'Person',
    cell: ({ id, name, email }) => (
      <>
        <Link {...paths.person(id)} className={rowLink}>
          {name}
        </Link>
        <div className={styles.email}>{email}</div>
      </>
    ),
  },
  { header: 'Roles', cell: ({ grants }) => <GrantChips grants={grants} /> },
  {
    header: 'Second factor',
    cell: ({ hasSecondFactor }) => (
      <Chip tone={hasSecondFactor ? 'ok' : 'warn'} icon={hasSecondFactor ? ShieldCheck : ShieldOff}>
        {hasSecondFactor ? 'On' : 'Off'}
      </Chip>
    ),
  },
  {
    header: 'Last seen',
    cell: ({ lastLoginAt }) => (lastLoginAt === null ? 'never' : <RelativeTime time={lastLoginAt} />),
  },
  { header: 'State', cell: (person) => <PersonState person={person} /> },
];
