/** Software: releases with their artifacts, and the ways in which new ones come. */
import { Button, Select } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { Hammer, Package, Upload as UploadIcon } from 'lucide-react';
import { useRef, useState, type DragEvent } from 'react';
import { useMay } from '../may.ts';
import { EmptyState } from '../parts/EmptyState.tsx';
import { Filters } from '../parts/Filters.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { SearchField } from '../parts/SearchField.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { MakeDialog } from './MakeDialog.tsx';
import { ReleaseRow } from './ReleaseRow.tsx';
import { releaseListQuery, softwareNamesQuery } from './software-queries.ts';
import type { SoftwareSearch } from './software-search.ts';
import { startUpload } from './uploader.ts';
import { Uploads } from './Uploads.tsx';
import styles from './SoftwarePage.module.css';

const route = getRouteApi('/app/software');

export function SoftwarePage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const query = useInfiniteQuery(releaseListQuery(search));
  const { data: names } = useQuery(softwareNamesQuery);
  const mayWrite = useMay()('artifact.write');
  const chooser = useRef<HTMLInputElement>(null);
  const [isMaking, setMaking] = useState(false);
  const [isOver, setOver] = useState(false);
  const narrow = (changes: SoftwareSearch): void =>
    void navigate({ ...paths.software({ ...search, ...changes }), replace: true });
  const isFiltered = Object.values(search).some((value) => value !== undefined);

  const uploadAll = (files: FileList | null): void => {
    for (const file of files ?? []) void startUpload(file, 'artifact').catch(() => undefined);
  };
  const onDrag = (event: DragEvent, isInside: boolean): void => {
    if (!mayWrite || !event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setOver(isInside);
  };
  const buttons = mayWrite && (
    <>
      <Button variant="default" leftSection={<Hammer size={16} />} onClick={() => setMaking(true)}>
        Make from files
      </Button>
      <Button leftSection={<UploadIcon size={16} />} onClick={() => chooser.current?.click()}>
        Upload
      </Button>
    </>
  );
  return (
    <Page>
      <PageHeader
        title="Software"
        detail="Releases, and for which gateways there are artifacts of them."
        actions={buttons}
      />
      <input
        ref={chooser}
        type="file"
        multiple
        hidden
        accept=".mender"
        aria-label="Artifacts to upload"
        onChange={(event) => {
          uploadAll(event.currentTarget.files);
          event.currentTarget.value = '';
        }}
      />
      <div
        className={styles.zone}
        data-over={isOver || undefined}
        onDragOver={(event) => onDrag(event, true)}
        onDragLeave={(event) => onDrag(event, false)}
        onDrop={(event) => {
          onDrag(event, false);
          if (mayWrite) uploadAll(event.dataTransfer.files);
        }}
      >
        {isOver && <p className={styles.drop}>Drop artifacts here to upload them</p>}
        <Uploads />
        <Filters>
          <SearchField
            label="Search software"
            value={search.search ?? ''}
            onChange={(text) => narrow({ search: text === '' ? undefined : text })}
          />
          <Choice
            label="Device type"
            values={names?.deviceTypes}
            value={search.deviceType}
            onChange={(deviceType) => narrow({ deviceType })}
          />
          <Choice label="Kind" values={names?.types} value={search.type} onChange={(type) => narrow({ type })} />
          <Choice label="Tag" values={names?.tags} value={search.tag} onChange={(tag) => narrow({ tag })} />
        </Filters>
        <ListCard
          query={query}
          items={query.data?.pages.flatMap(({ items }) => items)}
          empty={
            isFiltered ? (
              <EmptyState icon={Package} title="No software like that" detail="Search for something else." />
            ) : (
              <EmptyState
                icon={Package}
                title="No software yet"
                detail="Upload an artifact, or have one made of plain files. It may be dropped here, too."
              >
                {buttons}
              </EmptyState>
            )
          }
        >
          {(releases) => (
            <ul className={styles.releases} aria-label="Releases">
              {releases.map((release) => (
                <ReleaseRow key={release.id} release={release} />
              ))}
            </ul>
          )}
        </ListCard>
      </div>
      {isMaking && <MakeDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}

/** Left out where there is nothing to choose. */
function Choice({
  label,
  values = [],
  value,
  onChange,
}: {
  label: string;
  values?: readonly string[] | undefined;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  if (values.length === 0 && value === undefined) return null;
  return (
    <Select
      aria-label={label}
      placeholder={label}
      clearable
      searchable
      data={[...values]}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
    />
  );
}
