import { addGroupDevices, createGroup, updateGroup, type Group } from '@lovely/api';
import { SegmentedControl, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { keys, request, requestVersion } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { FilterBuilder } from './FilterBuilder.tsx';
import { draftsOf, EMPTY_CONDITION, filterOf, type ConditionDraft } from './filter-draft.ts';
import { GROUPS_KEY } from './group-queries.ts';

/**
 * Makes a group, of these houses where some are given, or changes one; a group by hand stays one, and so does one by
 * filter.
 */
export function GroupForm({
  group,
  deviceIds,
  onClose,
}: {
  group?: Group;
  deviceIds?: readonly string[];
  onClose: () => void;
}) {
  const navigate = useNavigate();
  const [name, setName] = useState(group?.name ?? '');
  const [description, setDescription] = useState(group?.description ?? '');
  const [kind, setKind] = useState<Group['kind']>(group?.kind ?? 'static');
  const [drafts, setDrafts] = useState<ConditionDraft[]>(() =>
    group?.filter ? draftsOf(group.filter) : [EMPTY_CONDITION],
  );
  const filter = kind === 'dynamic' ? filterOf(drafts) : undefined;
  const save = useChange(
    async () => {
      const body = { name: name.trim(), description: description.trim() };
      if (group)
        return requestVersion(
          updateGroup,
          { params: { id: group.id }, body: { ...body, ...(filter ? { filter } : {}) } },
          group.version,
        );
      const made = await request(createGroup, { body: { ...body, filter: filter ?? null } });
      return deviceIds
        ? request(addGroupDevices, { params: { id: made.id }, body: { deviceIds: [...deviceIds] } })
        : made;
    },
    { outdated: [GROUPS_KEY, keys.devices], done: ({ name: saved }) => `${saved} is saved.` },
  );
  return (
    <FormDialog
      title={group ? `Change ${group.name}` : 'New group'}
      submitLabel={group ? 'Save' : 'Make the group'}
      change={save}
      isReady={name.trim() !== '' && (kind === 'static' || filter !== undefined)}
      onSubmit={() =>
        save.mutate(undefined, {
          onSuccess: (saved) => {
            onClose();
            void navigate(paths.group(saved.id));
          },
        })
      }
      onClose={onClose}
      size="xl"
    >
      <TextInput label="Name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <TextInput
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {!group && !deviceIds && (
        <SegmentedControl
          aria-label="Who chooses its houses"
          data={[
            { value: 'static', label: 'I choose its houses' },
            { value: 'dynamic', label: 'A filter chooses them' },
          ]}
          value={kind}
          onChange={(value) => setKind(value)}
        />
      )}
      {kind === 'dynamic' && <FilterBuilder value={drafts} onChange={setDrafts} />}
    </FormDialog>
  );
}
