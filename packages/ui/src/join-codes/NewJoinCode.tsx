import { createJoinCode } from '@lovely/api';
import { NativeSelect, Switch, TextInput } from '@mantine/core';
import { useState } from 'react';
import { request } from '../api.ts';
import { GroupSelect } from '../groups/GroupSelect.tsx';
import { useMay } from '../may.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { tagList } from '../parts/tag-list.ts';
import { useChange } from '../parts/use-change.ts';
import { joinCodesQuery } from './join-code-queries.ts';
import { JoinCodeResult } from './JoinCodeResult.tsx';

const HOUR = 60;
const DAY = 24 * HOUR;
const LIVES = [
  { value: String(HOUR), label: '1 hour' },
  { value: String(8 * HOUR), label: '8 hours' },
  { value: String(DAY), label: '1 day' },
  { value: String(7 * DAY), label: '7 days' },
  { value: String(30 * DAY), label: '30 days' },
  { value: '', label: 'Until it is revoked' },
];

/** Asks what the code is for, makes it, and shows it: this once. */
export function NewJoinCode({ onClose }: { onClose: () => void }) {
  const may = useMay();
  const [name, setName] = useState('');
  const [minutes, setMinutes] = useState(String(DAY));
  const [uses, setUses] = useState('');
  const [isAccepting, setAccepting] = useState(false);
  const [groupId, setGroupId] = useState<string | null>(null);
  const [tags, setTags] = useState('');
  const create = useChange(
    () =>
      request(createJoinCode, {
        body: {
          name: name.trim(),
          expiresInMinutes: minutes === '' ? null : Number(minutes),
          usesMax: uses === '' ? null : Number(uses),
          accept: isAccepting && minutes !== '',
          groupId,
          tags: tagList(tags),
        },
      }),
    { outdated: [joinCodesQuery.queryKey] },
  );
  if (create.data) return <JoinCodeResult made={create.data} onClose={onClose} />;
  return (
    <FormDialog
      title="New join code"
      submitLabel="Make the code"
      change={create}
      isReady={name.trim() !== ''}
      onSubmit={() => create.mutate(undefined)}
      onClose={onClose}
    >
      <TextInput
        label="What it is for"
        placeholder="Installer Rossi, week 48"
        data-autofocus
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NativeSelect
        label="Works for"
        data={LIVES}
        value={minutes}
        onChange={(event) => setMinutes(event.currentTarget.value)}
      />
      <TextInput
        label="How many gateways"
        description="Empty: any number."
        inputMode="numeric"
        pattern="[1-9][0-9]*"
        value={uses}
        onChange={(event) => setUses(event.currentTarget.value)}
      />
      {may('device.accept') && (
        <Switch
          label="Accept gateways at once"
          description={
            minutes === ''
              ? 'Only for codes that end by themselves.'
              : 'Whoever has the code gets a gateway in without anybody looking at its fingerprint.'
          }
          disabled={minutes === ''}
          checked={isAccepting && minutes !== ''}
          onChange={(event) => setAccepting(event.currentTarget.checked)}
        />
      )}
      <GroupSelect label="Put them into the group" kind="static" value={groupId} onChange={setGroupId} />
      <TextInput
        label="Tags"
        description="With commas between."
        placeholder="milan, solar"
        value={tags}
        onChange={(event) => setTags(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
