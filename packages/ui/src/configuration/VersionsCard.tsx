/** What was set before: who changed what and why, and the way back. */
import type { ConfigurationVersion } from '@lovely/api';
import { useState } from 'react';
import { ChangeTable } from '../audit/ChangeTable.tsx';
import type { Listing } from '../parts/ListCard.tsx';
import { VersionList } from '../parts/VersionList.tsx';
import { ApplyDialog, type Application } from './ApplyBar.tsx';
import { changesBetween, type Fields } from './configuration-text.ts';

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
      <VersionList
        title="History"
        query={query}
        versions={versions}
        current={current}
        madeOf={(version) => version}
        bringLabel="Bring it back…"
        onBring={mayWrite ? setAsked : undefined}
      >
        {(version, before) =>
          before || version.version === 1 ? (
            <ChangeTable change={versionChanges(before, version, fields)} />
          ) : (
            <p>What was before is further down, or no longer kept.</p>
          )
        }
      </VersionList>
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
