/** Sign-in providers: people come in with the account they have elsewhere, by OpenID Connect. */
import { deleteOidcProvider, listOidcProviders, type OidcProvider } from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { LogIn, Pencil, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { request } from '../api.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Table, type Column } from '../parts/Table.tsx';
import { Tags } from '../parts/Tags.tsx';
import { useChange } from '../parts/use-change.ts';
import { useRoleName } from '../roles/role-queries.ts';
import { PageHeader } from '../shell/PageHeader.tsx';
import { ProviderForm } from './ProviderForm.tsx';
import styles from './SignInProvidersPage.module.css';

const providersQuery = queryOptions({
  queryKey: ['oidc-providers'],
  queryFn: ({ signal }) => request(listOidcProviders, {}, signal),
});

type Open = { form: 'new' } | { form: 'change' | 'delete'; provider: OidcProvider };

export function SignInProvidersPage() {
  const query = useQuery(providersQuery);
  const roleName = useRoleName();
  const [open, setOpen] = useState<Open>();
  const close = (): void => setOpen(undefined);
  const outdated = [providersQuery.queryKey];
  const make = (
    <Button leftSection={<Plus size={16} />} onClick={() => setOpen({ form: 'new' })}>
      New provider
    </Button>
  );
  const columns: Column<OidcProvider>[] = [
    {
      header: 'Provider',
      cell: ({ name, issuer }) => (
        <>
          <span className={styles.name}>{name}</span>
          <div className={styles.issuer}>{issuer}</div>
        </>
      ),
    },
    { header: 'For addresses of', cell: ({ emailDomains }) => <Tags tags={emailDomains} /> },
    {
      header: 'New people',
      cell: ({ roleForNewPeople }) =>
        roleForNewPeople === null ? 'by invitation only' : `become ${roleName(roleForNewPeople)}`,
    },
    {
      header: 'On the sign-in page',
      isWideOnly: true,
      cell: ({ isPublic }) => (isPublic ? 'for everybody' : 'after the address is typed'),
    },
    {
      header: '',
      align: 'right',
      cell: (provider) => (
        <RowMenu label={`Actions for ${provider.name}`}>
          <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setOpen({ form: 'change', provider })}>
            Change…
          </Menu.Item>
          <Menu.Item
            leftSection={<Trash2 size={15} />}
            color="red"
            onClick={() => setOpen({ form: 'delete', provider })}
          >
            Delete…
          </Menu.Item>
        </RowMenu>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title="Sign-in providers"
        detail="People sign in with the account they have at work, by OpenID Connect."
        actions={make}
      />
      <ListCard
        query={query}
        items={query.data?.items}
        empty={
          <EmptyState
            icon={LogIn}
            title="No provider yet"
            detail="Add your company’s: Keycloak, Entra, Google Workspace, Okta, or any other that speaks OpenID Connect."
          >
            {make}
          </EmptyState>
        }
      >
        {(items) => <Table label="Sign-in providers" rows={items} rowKey={({ id }) => id} columns={columns} />}
      </ListCard>
      {query.data && open?.form === 'new' && (
        <ProviderForm redirectUri={query.data.redirectUri} outdated={outdated} onClose={close} />
      )}
      {open?.form === 'change' && (
        <ProviderForm
          provider={open.provider}
          redirectUri={open.provider.redirectUri}
          outdated={outdated}
          onClose={close}
        />
      )}
      {open?.form === 'delete' && <DeleteProvider provider={open.provider} onClose={close} />}
    </>
  );
}

function DeleteProvider({ provider, onClose }: { provider: OidcProvider; onClose: () => void }) {
  const remove = useChange(() => request(deleteOidcProvider, { params: { id: provider.id } }), {
    outdated: [providersQuery.queryKey],
    done: `${provider.name} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${provider.name}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Nobody signs in through it any more. The people stay; those without a password need a link for one.
    </ConfirmDialog>
  );
}
