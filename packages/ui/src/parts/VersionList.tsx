/** What something was before, the newest first: who changed it and when, what that was, and the way back. */
import { Button } from '@mantine/core';
import { History, Undo2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { EmptyState } from './EmptyState.tsx';
import { ListCard, type Listing } from './ListCard.tsx';
import { RelativeTime } from './RelativeTime.tsx';
import styles from './VersionList.module.css';

export interface VersionMade {
  /** Null: it was the system. */
  readonly by: string | null;
  readonly at: string;
  /** A word about it. */
  readonly note?: string;
}

export function VersionList<Version extends { readonly version: number }>({
  title,
  query,
  versions,
  current,
  madeOf,
  pending,
  bringLabel,
  onBring,
  children,
}: {
  title?: string;
  query: Listing;
  /** Undefined until there is an answer. */
  versions: readonly Version[] | undefined;
  /** The version that counts. */
  current: number;
  madeOf: (version: Version) => VersionMade;
  /** The one that is being brought back. */
  pending?: Version | undefined;
  bringLabel: string;
  /** Without it there is no way back for who looks. */
  onBring: ((version: Version) => void) | undefined;
  /** What a version says, beside the one before it where that is known. */
  children: (version: Version, before: Version | undefined) => ReactNode;
}) {
  return (
    <ListCard
      {...(title === undefined ? {} : { title })}
      query={query}
      items={versions}
      empty={<EmptyState icon={History} title="It was never changed" />}
    >
      {(items) => (
        <ol className={styles.versions}>
          {items.map((version, index) => {
            const { by, at, note = '' } = madeOf(version);
            return (
              <li key={version.version}>
                <header>
                  <b>Version {version.version}</b>
                  <span>
                    {by ?? 'the system'}, <RelativeTime time={at} />
                    {note !== '' && ` · ${note}`}
                  </span>
                  {version.version === current && <span className={styles.current}>counts now</span>}
                  {version.version !== current && onBring && (
                    <Button
                      variant="default"
                      size="xs"
                      leftSection={<Undo2 size={14} />}
                      loading={pending === version}
                      onClick={() => onBring(version)}
                    >
                      {bringLabel}
                      <span className="visually-hidden"> version {version.version}</span>
                    </Button>
                  )}
                </header>
                {children(version, items[index + 1])}
              </li>
            );
          })}
        </ol>
      )}
    </ListCard>
  );
}
