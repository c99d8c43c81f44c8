import { updateRelease, type Release } from '@lovely/api';
import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { keys, requestVersion } from '../api.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { tagList } from '../parts/tag-list.ts';
import { useChange } from '../parts/use-change.ts';

export function ReleaseDialog({ release, onClose }: { release: Release; onClose: () => void }) {
  const { id, name, version } = release;
  const [notes, setNotes] = useState(release.notes);
  const [tags, setTags] = useState(release.tags.join(', '));
  const save = useChange(
    () => requestVersion(updateRelease, { params: { id }, body: { notes, tags: tagList(tags) } }, version),
    { outdated: [keys.releases], done: `${name} is changed.` },
  );
  return (
    <FormDialog
      title={`Notes and tags of ${name}`}
      submitLabel="Save"
      change={save}
      onSubmit={() => save.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      size="lg"
    >
      <Textarea
        label="Notes"
        description="What is new, for whoever rolls it out."
        autosize
        minRows={4}
        maxRows={14}
        value={notes}
        onChange={(event) => setNotes(event.currentTarget.value)}
      />
      <TextInput
        label="Tags"
        description="With commas between."
        value={tags}
        onChange={(event) => setTags(event.currentTarget.value)}
      />
    </FormDialog>
  );
}
