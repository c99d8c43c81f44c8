import { createOidcProvider, updateOidcProvider, type OidcProvider } from '@lovely/api';
import { Input, NativeSelect, PasswordInput, Switch, TextInput } from '@mantine/core';
import { useQuery, type QueryKey } from '@tanstack/react-query';
import { useState } from 'react';
import { request, requestVersion } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { SecretLine } from '../parts/SecretLine.tsx';
import { tagList } from '../parts/tag-list.ts';
import { useChange } from '../parts/use-change.ts';
import { rolesQuery } from '../roles/role-queries.ts';

/** Adds a provider, or changes one; its issuer stays what it is. */
export function ProviderForm({
  provider,
  redirectUri,
  outdated,
  onClose,
}: {
  provider?: OidcProvider;
  redirectUri: string;
  outdated: readonly QueryKey[];
  onClose: () => void;
}) {
  const { data: roles } = useQuery(rolesQuery);
  const [name, setName] = useState(provider?.name ?? '');
  const [issuer, setIssuer] = useState(provider?.issuer ?? '');
  const [clientId, setClientId] = useState(provider?.clientId ?? '');
  const [clientSecret, setClientSecret] = useState('');
  const [domains, setDomains] = useState(provider?.emailDomains.join(', ') ?? '');
  const [role, setRole] = useState(provider?.roleForNewPeople ?? '');
  const [isPublic, setPublic] = useState(provider?.isPublic ?? false);
  const save = useChange(
    () => {
      const body = {
        name: name.trim(),
        clientId: clientId.trim(),
        emailDomains: tagList(domains),
        roleForNewPeople: role === '' ? null : role,
        isPublic,
      };
      return provider
        ? requestVersion(
            updateOidcProvider,
            { params: { id: provider.id }, body: { ...body, ...(clientSecret === '' ? {} : { clientSecret }) } },
            provider.version,
          )
        : request(createOidcProvider, { body: { ...body, issuer: issuer.trim(), clientSecret } });
    },
    { outdated, done: ({ name: saved }) => `${saved} is saved.` },
  );
  const isReady =
    [name, issuer, clientId, domains].every((text) => text.trim() !== '') &&
    (provider !== undefined || clientSecret !== '');
  return (
    <FormDialog
      title={provider ? `Change ${provider.name}` : 'New sign-in provider'}
      submitLabel={provider ? 'Save' : 'Add the provider'}
      change={save}
      isReady={isReady}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      size="lg"
    >
      <Input.Wrapper label="Redirect URI" description="The provider must allow it; enter it there first.">
        <SecretLine label="Redirect URI" value={redirectUri} />
      </Input.Wrapper>
      <TextInput
        label="Name"
        description="Stands on the sign-in button."
        placeholder="Example Ltd"
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <TextInput
        label="Issuer"
        type="url"
        placeholder="https://login.example.com/realms/main"
        disabled={provider !== undefined}
        value={issuer}
        onChange={(event) => setIssuer(event.currentTarget.value)}
      />
      <TextInput label="Client ID" value={clientId} onChange={(event) => setClientId(event.currentTarget.value)} />
      <PasswordInput
        label="Client secret"
        {...(provider ? { description: 'Empty: stays as it is.' } : {})}
        autoComplete="off"
        value={clientSecret}
        onChange={(event) => setClientSecret(event.currentTarget.value)}
      />
      <TextInput
        label="Only e-mail addresses of"
        description="Domains, with commas between."
        placeholder="example.com"
        value={domains}
        onChange={(event) => setDomains(event.currentTarget.value)}
      />
      <NativeSelect
        label="Somebody new"
        data={[
          { value: '', label: 'needs an invitation' },
          ...(roles?.items ?? []).map(({ id, name: label }) => ({ value: id, label: `becomes ${label}` })),
        ]}
        value={role}
        onChange={(event) => setRole(event.currentTarget.value)}
      />
      <Switch
        label="Show on the sign-in page to everybody"
        description="Otherwise to who has typed an address of one of the domains."
        checked={isPublic}
        onChange={(event) => setPublic(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}
