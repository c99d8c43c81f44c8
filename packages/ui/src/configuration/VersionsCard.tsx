/** What was set before: who changed what and why, and the way back. */
import type { ConfigurationVersion } from '@lovely/api';
import { Button } from '@mantine/core';
import { History, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { ChangeTable } from '../audit/ChangeTable.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ListCard, type Listing } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { ApplyDialog, type Application } from './ApplyBar.tsx';
import { changesBetween, type Fields } from './configuration-text.ts';
import styles from './VersionsCard.module.css';

export type Version = ConfigurationVersion & { readonly priority?: number };

export function VersionsCard({
  query,
  versions,
  current,
  fields,
  mayWrite,
  change,
  onBring,
}: {
  query: Listing;
  /** The newest first; undefined until there is an answer. */
  versions: readonly Version[] | undefined;
  /** The version that counts. */
  current: number;
  fields: Fields;
  mayWrite: boolean;
  change: { readonly isPending: boolean; readonly error: unknown };
  onBring: (version: Version, how: Application, done: () => void) => void;
}) {
  const [asked, setAsked] = useState<Version>();
  const now = versions?.find(({ version }) => version === current);
  return (
    <>
      <ListCard
        title="History"
        query={query}
        items={versions}
        empty={<EmptyState icon={History} title="It was never changed" />}
      >
        {(items) => (
          <ol className={styles.versions}>
            {items.map((version, index) => {
              const before = items[index + 1];
              const isFirst = version.version === 1;
              return (
                <li key={version.version}>
                  <header>
                    <b>Version {version.version}</b>
                    <span>
                      {version.by ?? 'the system'}, <RelativeTime time={version.at} />
                      {version.note !== '' && ` · ${version.note}`}
                    </span>
                    {version.version === current ? (
                      <span className={styles.current}>in use</span>
                    ) : (
                      mayWrite && (
                        <Button
                          variant="default"
                          size="xs"
                          leftSection={<Undo2 size={14} />}
                          onClick={() => setAsked(version)}
                        >
                          Bring it back…
                        </Button>
                      )
                    )}
                  </header>
                  {before || isFirst ? (
                    <ChangeTable change={versionChanges(before, version, fields)} />
                  ) : (
                    <p>What was before is further down, or no longer kept.</p>
                  )}
                </li>
              );
            })}
          </ol>
        )}
      </ListCard>
      {asked && now && (
        <ApplyDialog
          title={`Bring version ${asked.version} back?`}
          submitLabel="Bring it back"
          hasNote={false}
          change={change}
          onApply={(how) => onBring(asked, how, () => setAsked(undefined))}
          onClose={() => setAsked(undefined)}
        >
          <ChangeTable change={versionChanges(now, asked, fields)} />
        </ApplyDialog>
      )}
    </>
  );
}

function versionChanges(before: Version | undefined, after: Version, fields: Fields) {
  const values = changesBetween(before?.values ?? {}, after.values, fields);
  return before?.priority === after.priority || after.priority === undefined
    ? values
    : { ...values, Strength: { before: before?.priority ?? null, after: after.priority } };
}
