/** Uploads under way, with what can be done with each; those that broke off before can be gone on with. */
import type { Upload } from '@lovely/api';
import { ActionIcon, Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleAlert, CircleCheck, FileUp, Pause, Play, X, type LucideIcon } from 'lucide-react';
import { useEffect, useRef, useSyncExternalStore, type ReactNode } from 'react';
import { keys, request } from '../api.ts';
import { bytes } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { PercentBar } from '../parts/PercentBar.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { deleteUpload } from '@lovely/api';
import { uploadsQuery } from './software-queries.ts';
import { isBrokenOff, isSameFile, stateText } from './upload-text.ts';
import {
  pauseUpload,
  removeUpload,
  resumeUpload,
  runningUploads,
  startUpload,
  subscribeToUploads,
  type RunningUpload,
} from './uploader.ts';
import styles from './Uploads.module.css';

export function Uploads() {
  const running = useSyncExternalStore(subscribeToUploads, runningUploads);
  const { data } = useQuery(uploadsQuery);
  useFreshLists(running);
  const broken = (data?.items ?? []).filter((upload) => isBrokenOff(upload, running));
  if (running.length === 0 && broken.length === 0) return null;
  return (
    <Card title="Uploads" isFlush>
      <ul className={styles.uploads}>
        {running.map((upload) => (
          <RunningRow key={upload.key} upload={upload} />
        ))}
        {broken.map((upload) => (
          <BrokenRow key={upload.id} upload={upload} />
        ))}
      </ul>
    </Card>
  );
}

/** Lists are asked for again when an upload ends. */
function useFreshLists(running: readonly RunningUpload[]): void {
  const queryClient = useQueryClient();
  const over = running.filter(({ state }) => state === 'done' || state === 'refused').length;
  useEffect(() => {
    if (over === 0) return;
    void queryClient.invalidateQueries({ queryKey: keys.releases });
    void queryClient.invalidateQueries({ queryKey: uploadsQuery.queryKey });
  }, [over, queryClient]);
}

function RunningRow({ upload }: { upload: RunningUpload }) {
  const { key, name, state, sentBytes, bytes: all } = upload;
  const artifactId = upload.upload?.artifactId ?? null;
  return (
    <Row
      name={artifactId === null ? name : <Link {...paths.artifact(artifactId)}>{name}</Link>}
      state={state}
      text={stateText(upload)}
      actions={
        <>
          {(state === 'sending' || state === 'waiting') && (
            <Action label={`Pause ${name}`} icon={Pause} onClick={() => pauseUpload(key)} />
          )}
          {state === 'paused' && <Action label={`Go on with ${name}`} icon={Play} onClick={() => resumeUpload(key)} />}
          {state !== 'storing' && (
            <Action
              label={state === 'done' || state === 'refused' ? `Hide ${name}` : `Give up ${name}`}
              icon={X}
              onClick={() => removeUpload(key)}
            />
          )}
        </>
      }
    >
      {state !== 'done' && state !== 'refused' && (
        <PercentBar label={`How far ${name} is`} percent={Math.floor((sentBytes / Math.max(1, all)) * 100)} />
      )}
    </Row>
  );
}

function BrokenRow({ upload }: { upload: Upload }) {
  const chooser = useRef<HTMLInputElement>(null);
  const { id, name, offset, bytes: all } = upload;
  const remove = useChange(() => request(deleteUpload, { params: { id } }), { outdated: [uploadsQuery.queryKey] });
  return (
    <Row
      name={name === '' ? 'A file' : name}
      state="paused"
      text={`Broke off at ${bytes(offset)} of ${bytes(all)}. Choose the same file to go on.`}
      actions={
        <>
          <Button
            size="xs"
            variant="default"
            leftSection={<FileUp size={14} />}
            onClick={() => chooser.current?.click()}
          >
            Choose
          </Button>
          <input
            ref={chooser}
            type="file"
            hidden
            aria-label={`The file of ${name}`}
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file && isSameFile(file, upload)) void startUpload(file, 'artifact', upload).catch(() => undefined);
              else if (file)
                void toastError('This is another file', new Error(`It goes on with ${name} of ${bytes(all)}.`));
              event.currentTarget.value = '';
            }}
          />
          <Action label={`Give up ${name}`} icon={X} onClick={() => remove.mutate(undefined)} />
        </>
      }
    >
      <PercentBar label={`How far ${name} is`} percent={Math.floor((offset / all) * 100)} />
    </Row>
  );
}

function Row({
  name,
  state,
  text,
  actions,
  children,
}: {
  name: ReactNode;
  state: RunningUpload['state'];
  text: string;
  actions: ReactNode;
  children: ReactNode;
}) {
  const Icon = state === 'done' ? CircleCheck : state === 'refused' ? CircleAlert : FileUp;
  return (
    <li className={styles.upload} data-state={state}>
      <Icon size={18} aria-hidden className={styles.icon} />
      <div className={styles.text}>
        <b>{name}</b>
        <output>{text}</output>
        {children}
      </div>
      <div className={styles.actions}>{actions}</div>
    </li>
  );
}

function Action({ label, icon: Icon, onClick }: { label: string; icon: LucideIcon; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={label} onClick={onClick}>
      <Icon size={17} aria-hidden />
    </ActionIcon>
  );
}
