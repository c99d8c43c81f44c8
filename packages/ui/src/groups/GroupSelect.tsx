import { MultiSelect, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { groupsQuery } from './group-queries.ts';

/** Chooses one group, or none. */
export function GroupSelect({
  label,
  noneLabel = 'No group',
  kind,
  value,
  onChange,
}: {
  label: string;
  /** What it is to choose none. */
  noneLabel?: string;
  /** Only groups of this kind. */
  kind?: 'static' | 'dynamic';
  value: string | null;
  onChange: (id: string | null) => void;
}) {
  const { data } = useQuery(groupsQuery);
  const groups = data?.items.filter((group) => kind === undefined || group.kind === kind) ?? [];
  return (
    <NativeSelect
      label={label}
      data={[{ value: '', label: noneLabel }, ...groups.map(({ id, name }) => ({ value: id, label: name }))]}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value === '' ? null : event.currentTarget.value)}
    />
  );
}

/** Chooses any number of groups. */
export function GroupsSelect({
  label,
  value,
  onChange,
}: {
  label: string;
  value: readonly string[];
  onChange: (ids: string[]) => void;
}) {
  const { data } = useQuery(groupsQuery);
  const groups = data?.items ?? [];
  return (
    <MultiSelect
      aria-label={label}
      placeholder={value.length === 0 ? 'Choose groups' : ''}
      nothingFoundMessage={groups.length === 0 ? 'There is no group yet.' : 'No group has this name.'}
      searchable
      data={groups.map(({ id, name }) => ({ value: id, label: name }))}
      value={[...value]}
      onChange={onChange}
    />
  );
}
