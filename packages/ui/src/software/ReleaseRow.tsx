import { deleteRelease, type Release } from '@lovely/api';
import { Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Pencil, Rocket, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { bytes, count, plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { Tags } from '../parts/Tags.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { ReleaseDialog } from './ReleaseDialog.tsx';
import { SignatureChip } from './SignatureChip.tsx';
import styles from './ReleaseRow.module.css';

/** A release with each of its artifacts below it. */
export function ReleaseRow({ release }: { release: Release }) {
  const may = useMay();
  const [dialog, setDialog] = useState<'edit' | 'delete'>();
  const { name, notes, tags, artifacts, usedBy, updatedAt } = release;
  return (
    <li className={styles.release}>
      <div className={styles.head}>
        <div className={styles.name}>
          <h2>{name}</h2>
          <Tags tags={tags} />
        </div>
        <div className={styles.facts}>
          <span>
            on {count(usedBy)} {usedBy === 1 ? 'house' : 'houses'}
          </span>
          <RelativeTime time={updatedAt} />
          {may('deployment.write') && (
            <LinkButton
              {...paths.newDeployment({ release: name })}
              variant="default"
              size="xs"
              leftSection={<Rocket size={14} />}
              aria-label={`Deploy ${name}`}
            >
              Deploy
            </LinkButton>
          )}
          {may('artifact.write') && (
            <RowMenu label={`Actions for ${name}`}>
              <Menu.Item leftSection={<Pencil size={15} />} onClick={() => setDialog('edit')}>
                Notes and tags…
              </Menu.Item>
              <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setDialog('delete')}>
                Delete…
              </Menu.Item>
            </RowMenu>
          )}
        </div>
        {notes !== '' && <p className={styles.notes}>{notes}</p>}
      </div>
      <ul className={styles.artifacts} aria-label={`Artifacts of ${name}`}>
        {artifacts.map((artifact) => (
          <li key={artifact.id}>
            <Link {...paths.artifact(artifact.id)} className={styles.link}>
              <span className={styles.types}>{artifact.deviceTypes.join(', ')}</span>
              <span className={styles.kind}>{kindsOf(artifact.payloads)}</span>
              <span className={styles.size}>{bytes(artifact.bytes)}</span>
              <SignatureChip artifact={artifact} />
            </Link>
          </li>
        ))}
      </ul>
      {dialog === 'edit' && <ReleaseDialog release={release} onClose={() => setDialog(undefined)} />}
      {dialog === 'delete' && <DeleteRelease release={release} onClose={() => setDialog(undefined)} />}
    </li>
  );
}

function kindsOf(payloads: Release['artifacts'][number]['payloads']): string {
  return [...new Set(payloads.map(({ type }) => type ?? 'no payload'))].join(', ');
}

function DeleteRelease({ release, onClose }: { release: Release; onClose: () => void }) {
  const { id, name, artifacts } = release;
  const remove = useChange(() => request(deleteRelease, { params: { id } }), {
    outdated: [keys.releases],
    done: `${name} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${name}?`}
      submitLabel="Delete"
      typed={name}
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      {plural(artifacts.length, 'artifact')} with all their content. Houses that run it keep it.
    </ConfirmDialog>
  );
}
