/** Sign-in providers: people come in with the account they have elsewhere, by OpenID Connect. */
import { deleteOidcProvider, listOidcProviders, type OidcProvider } from '@lovely/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { LogIn, Pencil, Trash2 } from 'lucide-react';
import { request } from '../api.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import type { Column } from '../parts/Table.tsx';
import { Tags } from '../parts/Tags.tsx';
import { useChange } from '../parts/use-change.ts';
import { useRoleName } from '../roles/role-queries.ts';
import { ListPage } from '../shell/ListPage.tsx';
import { ProviderForm } from './ProviderForm.tsx';
import styles from './SignInProvidersPage.module.css';

const providersQuery = queryOptions({
  queryKey: ['oidc-providers'],
  queryFn: ({ signal }) => request(listOidcProviders, {}, signal),
});

export function SignInProvidersPage() {
  const query = useQuery(providersQuery);
  const roleName = useRoleName();
  const outdated = [providersQuery.queryKey];
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
  ];
  return (
    <ListPage
      title="Sign-in providers"
      detail="People sign in with the account they have at work, by OpenID Connect."
      query={query}
      rows={query.data?.items}
      columns={columns}
      make={{
        label: 'New provider',
        dialog: (onClose) =>
          query.data && <ProviderForm redirectUri={query.data.redirectUri} outdated={outdated} onClose={onClose} />,
      }}
      actions={[
        {
          label: 'Change…',
          icon: Pencil,
          dialog: (provider, onClose) => (
            <ProviderForm
              provider={provider}
              redirectUri={provider.redirectUri}
              outdated={outdated}
              onClose={onClose}
            />
          ),
        },
        {
          label: 'Delete…',
          icon: Trash2,
          isDanger: true,
          dialog: (provider, onClose) => <DeleteProvider provider={provider} onClose={onClose} />,
        },
      ]}
      empty={{
        icon: LogIn,
        title: 'No provider yet',
        detail: 'Add your company’s: Keycloak, Entra, Google Workspace, Okta, or any other that speaks OpenID Connect.',
      }}
    />
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
