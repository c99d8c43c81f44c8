import type { Release } from '@lovely/api';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Package, ShieldAlert, ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { bytes, plural } from '../format/number.ts';
import { ChoiceCards } from '../parts/ChoiceCards.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { MoreButton } from '../parts/MoreButton.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { Tags } from '../parts/Tags.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { releasesQuery } from './deployment-queries.ts';
import type { Draft } from './draft.ts';
import styles from './SoftwareStep.module.css';

/** Chooses a release; which of its artifacts a house gets depends on what the house is. */
export function SoftwareStep({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const [search, setSearch] = useState('');
  const query = useInfiniteQuery(releasesQuery(search));
  const releases = query.data?.pages.flatMap(({ items }) => items);
  return (
    <div className={styles.step}>
      <SearchField label="Search releases" value={search} onChange={setSearch} />
      {query.isPending && <Waiting rows={3} rowHeight={64} />}
      {query.isError && !releases && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      {releases?.length === 0 &&
        (search === '' ? (
          <EmptyState
            icon={Package}
            title="No software yet"
            detail="Upload an artifact, or make one from plain files; then roll it out from here."
          >
            <LinkButton {...paths.software()}>Go to software</LinkButton>
          </EmptyState>
        ) : (
          <EmptyState icon={Package} title="No release matches" />
        ))}
      {releases && releases.length > 0 && (
        <ChoiceCards
          label="Release"
          isList
          choices={releases.map((release) => ({
            value: release.name,
            title: release.name,
            detail: <ReleaseDetail release={release} />,
            aside: (
              <>
                <RelativeTime time={release.updatedAt} />
                <span>on {plural(release.usedBy, 'house')}</span>
              </>
            ),
          }))}
          value={draft.artifactName}
          onChange={(artifactName) => onChange({ artifactName })}
        />
      )}
      <MoreButton query={query} />
    </div>
  );
}

function ReleaseDetail({ release: { artifacts, notes, tags } }: { release: Release }) {
  const deviceTypes = [...new Set(artifacts.flatMap((artifact) => artifact.deviceTypes))];
  const types = [...new Set(artifacts.flatMap(({ payloads }) => payloads.map(({ type }) => type ?? 'changes only')))];
  const largest = Math.max(0, ...artifacts.map((artifact) => artifact.bytes));
  const isTrusted = artifacts.every(({ signedBy }) => signedBy !== null);
  return (
    <span className={styles.detail}>
      <span className={styles.facts}>
        <span>for {deviceTypes.join(', ')}</span>
        <span>{types.join(', ')}</span>
        <span>{bytes(largest)}</span>
        <span data-tone={isTrusted ? 'ok' : 'warn'} className={styles.signed}>
          {isTrusted ? <ShieldCheck size={13} aria-hidden /> : <ShieldAlert size={13} aria-hidden />}
          {isTrusted ? 'signed' : artifacts.some(({ isSigned }) => isSigned) ? 'signer not trusted' : 'not signed'}
        </span>
      </span>
      {notes !== '' && <span className={styles.notes}>{notes}</span>}
      {tags.length > 0 && (
        <span>
          <Tags tags={tags} />
        </span>
      )}
    </span>
  );
}
