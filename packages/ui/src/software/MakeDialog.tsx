import { makeArtifact, type Upload } from '@lovely/api';
import { Button, FileButton, NativeSelect, TextInput } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { bytes, plural } from '../format/number.ts';
import { FormDialog } from '../parts/FormDialog.tsx';
import { useChange } from '../parts/use-change.ts';
import {
  EMPTY_DRAFT,
  isComplete,
  MADE_KINDS,
  problemsOf,
  takesDestination,
  takesFiles,
  takesOne,
  wishOf,
  type MadeKind,
  type MakeDraft,
} from './make-draft.ts';
import { uploadsQuery } from './software-queries.ts';
import { startUpload, untilEnded } from './uploader.ts';
import styles from './MakeDialog.module.css';

/** Has the server make an artifact of plain files: they are uploaded first, and what has come stays for another try. */
export function MakeDialog({ onClose }: { onClose: () => void }) {
  const [draft, setDraft] = useState(EMPTY_DRAFT);
  const [uploaded, setUploaded] = useState<ReadonlyMap<File, Upload>>(new Map());
  const { kind, files } = draft;
  const problems = problemsOf(draft);
  const set = (changes: Partial<MakeDraft>): void => setDraft((before) => ({ ...before, ...changes }));
  const make = useChange(
    async () => {
      const done = new Map(uploaded);
      for (const file of takesFiles(kind) ? files : []) {
        if (!done.has(file)) done.set(file, await startUpload(file, 'file'));
        setUploaded(new Map(done));
      }
      const wish = wishOf(
        draft,
        files.map((file) => done.get(file)!.id),
      );
      const made = await untilEnded(await request(makeArtifact, { body: wish }));
      if (made.state === 'refused') throw new Error(made.reason ?? 'It was refused.');
    },
    { outdated: [keys.releases, uploadsQuery.queryKey], done: `${draft.name.trim()} is made.` },
  );
  const { detail } = MADE_KINDS.find(({ value }) => value === kind)!;
  return (
    <FormDialog
      title="Make an artifact of files"
      submitLabel="Make"
      change={make}
      isReady={isComplete(draft)}
      onSubmit={() => make.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
      size="lg"
    >
      <NativeSelect
        label="What is it?"
        description={detail}
        data={MADE_KINDS.map(({ value, label }) => ({ value, label }))}
        value={kind}
        onChange={(event) => set({ kind: event.currentTarget.value as MadeKind, files: [] })}
      />
      <TextInput
        label="Name"
        description="Of the release, with its version."
        placeholder="oven-control-7"
        required
        withAsterisk={false}
        value={draft.name}
        error={problems.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label="For devices of type"
        description="As gateways call themselves, with commas between."
        placeholder="house-gateway"
        required
        withAsterisk={false}
        value={draft.deviceTypes}
        onChange={(event) => set({ deviceTypes: event.currentTarget.value })}
      />
      {takesFiles(kind) && <Files kind={kind} files={files} onChange={(chosen) => set({ files: chosen })} />}
      {takesDestination(kind) && (
        <TextInput
          label="Folder on the gateway"
          {...(kind === 'directory' ? { description: 'What is in it now is replaced.' } : {})}
          placeholder="/etc/oven"
          required
          withAsterisk={false}
          value={draft.destination}
          error={problems.destination}
          onChange={(event) => set({ destination: event.currentTarget.value.trim() })}
        />
      )}
      {kind === 'single-file' && (
        <TextInput
          label="Permissions"
          description="Octal: 644 is to be read by all, 755 may be run."
          value={draft.permissions}
          error={problems.permissions}
          onChange={(event) => set({ permissions: event.currentTarget.value })}
        />
      )}
      {kind === 'docker' && (
        <TextInput
          label="Images"
          description="With commas between."
          placeholder="registry.example.com/oven:7"
          value={draft.images}
          onChange={(event) => set({ images: event.currentTarget.value })}
        />
      )}
    </FormDialog>
  );
}

function Files({
  kind,
  files,
  onChange,
}: {
  kind: MadeKind;
  files: readonly File[];
  onChange: (files: readonly File[]) => void;
}) {
  const all = files.reduce((sum, { size }) => sum + size, 0);
  return (
    <div className={styles.files}>
      <FileButton
        key={kind}
        multiple
        {...(kind === 'directory' ? { inputProps: { webkitdirectory: '' } as object } : {})}
        onChange={(chosen) => onChange(takesOne(kind) ? chosen.slice(0, 1) : chosen)}
      >
        {(props) => (
          <Button {...props} variant="default" leftSection={<FileUp size={15} />}>
            {kind === 'directory' ? 'Choose a folder' : takesOne(kind) ? 'Choose a file' : 'Choose files'}
          </Button>
        )}
      </FileButton>
      <span>
        {files.length === 0
          ? 'None yet'
          : files.length === 1
            ? `${files[0]!.name}, ${bytes(all)}`
            : `${plural(files.length, 'file')}, ${bytes(all)}`}
      </span>
    </div>
  );
}
