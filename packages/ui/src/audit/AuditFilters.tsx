/** Narrows the audit log down. The filter lives in the address; this only shows and changes it. */
import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Filters } from '../parts/Filters.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { paths } from '../paths.ts';
import { auditFacetsQuery } from './audit-queries.ts';
import { RANGES, type AuditSearch } from './audit-search.ts';

export function AuditFilters({ search }: { search: AuditSearch }) {
  const navigate = useNavigate();
  const { data: facets } = useQuery(auditFacetsQuery);
  const change = (part: AuditSearch): void => void navigate({ ...paths.audit({ ...search, ...part }), replace: true });
  const facet = (
    key: 'actorId' | 'action' | 'objectType',
    label: string,
    choices: { value: string; label: string }[],
  ) => (
    <NativeSelect
      aria-label={label}
      data={[{ value: '', label }, ...withChosen(choices, search[key])]}
      value={search[key] ?? ''}
      onChange={(event) => change({ [key]: orNothing(event.currentTarget.value) })}
    />
  );
  return (
    <Filters>
      <SearchField
        label="Search the log"
        placeholder="Name or address"
        value={search.search ?? ''}
        onChange={(text) => change({ search: orNothing(text) })}
      />
      {facet('actorId', 'Anybody', facets?.actors.map(({ id, name }) => ({ value: id, label: name })) ?? [])}
      {facet('action', 'Any action', (facets?.actions ?? []).map(asChoice))}
      {facet('objectType', 'Anything', (facets?.objectTypes ?? []).map(asChoice))}
      <NativeSelect
        aria-label="Any result"
        data={[
          { value: '', label: 'Any result' },
          { value: 'success', label: 'Done' },
          { value: 'refused', label: 'Refused' },
        ]}
        value={search.result ?? ''}
        onChange={({ currentTarget: { value } }) =>
          change({ result: value === 'success' || value === 'refused' ? value : undefined })
        }
      />
      <NativeSelect
        aria-label="Any time"
        data={[
          { value: '', label: 'Any time' },
          ...RANGES.map(({ value, label }) => ({ value, label })),
          { value: 'days', label: 'From … to …' },
        ]}
        value={search.range ?? ''}
        onChange={(event) =>
          change({
            range: orNothing(event.currentTarget.value) as AuditSearch['range'],
            from: undefined,
            to: undefined,
          })
        }
      />
      {search.range === 'days' && (
        <>
          <TextInput
            type="date"
            aria-label="From"
            value={search.from ?? ''}
            onChange={(event) => change({ from: orNothing(event.currentTarget.value) })}
          />
          <TextInput
            type="date"
            aria-label="To"
            value={search.to ?? ''}
            onChange={(event) => change({ to: orNothing(event.currentTarget.value) })}
          />
        </>
      )}
    </Filters>
  );
}

function asChoice(value: string): { value: string; label: string } {
  return { value, label: value };
}

/** An address may ask for what does not occur. */
function withChosen(choices: { value: string; label: string }[], chosen: string | undefined) {
  const isThere = chosen === undefined || choices.some(({ value }) => value === chosen);
  return isThere ? choices : [...choices, asChoice(chosen)];
}

function orNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}
