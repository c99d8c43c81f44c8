/** One artifact: what is in it, what it needs and brings, and where it is used. */
import { deleteArtifact, PATHS, updateArtifact, type Artifact, type Payload } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Download, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { keys, request, requestVersion } from '../api.ts';
import { bytes, count, plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { EditableText } from '../parts/EditableText.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { Facts } from '../parts/Facts.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { Table } from '../parts/Table.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { KeyValues } from './KeyValues.tsx';
import { SignatureChip } from './SignatureChip.tsx';
import { artifactQuery, trustedKeysQuery } from './software-queries.ts';
import styles from './ArtifactPage.module.css';

const route = getRouteApi('/app/software/$id');

export function ArtifactPage() {
  const { id } = route.useParams();
  const query = useQuery(artifactQuery(id));
  const back = { label: 'Software', link: { ...paths.software() } };
  if (!query.data)
    return (
      <Page>
        <PageHeader back={back} title="Artifact" />
        {query.isPending && <Waiting rows={5} />}
        {query.isError && <ErrorState error={query.error} onRetry={() => void query.refetch()} />}
      </Page>
    );
  return <Shown artifact={query.data} back={back} />;
}

function Shown({ artifact, back }: { artifact: Artifact; back: Parameters<typeof PageHeader>[0]['back'] }) {
  const may = useMay();
  const mayWrite = may('artifact.write');
  const { data: trusted } = useQuery(trustedKeysQuery);
  const [isDeleting, setDeleting] = useState(false);
  const { id, name, usedInDeployments, version } = artifact;
  const rename = useChange(
    (description: string) => requestVersion(updateArtifact, { params: { id }, body: { description } }, version),
    { outdated: [keys.releases] },
  );
  const signer = trusted?.items.find((key) => key.id === artifact.signedBy)?.name;
  return (
    <Page>
      <PageHeader
        {...(back ? { back } : {})}
        title={name}
        detail={<SignatureChip artifact={artifact} signer={signer} />}
        actions={
          <>
            <Button
              component="a"
              variant="default"
              href={PATHS.artifactContent.replace('{id}', id)}
              download
              leftSection={<Download size={16} />}
            >
              Download
            </Button>
            {mayWrite && (
              <Button
                variant="default"
                color="red"
                leftSection={<Trash2 size={16} />}
                disabled={usedInDeployments > 0}
                title={usedInDeployments > 0 ? 'An open deployment uses it' : undefined}
                onClick={() => setDeleting(true)}
              >
                Delete
              </Button>
            )}
          </>
        }
      />
      <div className={styles.cards}>
        <Card title="About">
          <Facts
            facts={[
              { name: 'For devices of type', value: artifact.deviceTypes.join(', ') },
              { name: 'Size', value: bytes(artifact.bytes) },
              { name: 'Compression', value: artifact.compression },
              { name: 'Format', value: `Mender ${artifact.format}` },
              { name: 'SHA-256', value: <code className={styles.hash}>{artifact.sha256}</code> },
              { name: 'Uploaded', value: <RelativeTime time={artifact.createdAt} /> },
              { name: 'By', value: artifact.createdBy.name },
              {
                name: 'Used',
                value: (
                  <>
                    on <Link {...paths.versions()}>{plural(artifact.usedBy, 'house')}</Link>
                    {usedInDeployments > 0 && (
                      <>
                        , in <Link {...paths.deployments()}>{plural(usedInDeployments, 'open deployment')}</Link>
                      </>
                    )}
                  </>
                ),
              },
              {
                name: 'Description',
                value: (
                  <EditableText
                    label="Description"
                    value={artifact.description}
                    placeholder={mayWrite ? 'Add one' : '—'}
                    isReadOnly={!mayWrite}
                    onSave={(text) => rename.mutateAsync(text)}
                  />
                ),
              },
            ]}
          />
        </Card>
        {artifact.payloads.map((payload, index) => (
          // Payloads are known by their place alone.
          <PayloadCard key={index} payload={payload} number={artifact.payloads.length > 1 ? index + 1 : undefined} />
        ))}
        <Card title="What it brings and needs">
          <div className={styles.pairs}>
            <KeyValues title="Provides" values={artifact.provides} />
            <KeyValues title="Depends on" values={artifact.depends} />
            <div>
              <h3>Clears</h3>
              <p className={styles.muted}>
                {artifact.clears.length === 0 ? 'Nothing named' : artifact.clears.join(', ')}
              </p>
            </div>
            <div>
              <h3>State scripts</h3>
              <p className={styles.muted}>{artifact.scripts.length === 0 ? 'None' : artifact.scripts.join(', ')}</p>
            </div>
          </div>
        </Card>
      </div>
      {isDeleting && <DeleteArtifact artifact={artifact} onClose={() => setDeleting(false)} />}
    </Page>
  );
}

function PayloadCard({ payload, number }: { payload: Payload; number: number | undefined }) {
  const { type, files, metaData } = payload;
  const hasMeta = Object.keys(metaData).length > 0;
  return (
    <Card
      title={`${number === undefined ? 'Payload' : `Payload ${number}`}: ${type ?? 'none'}`}
      aside={<span className={styles.muted}>{plural(files.length, 'file')}</span>}
      isFlush
    >
      {files.length > 0 && (
        <Table
          label={`Files of ${type ?? 'the payload'}`}
          rows={files}
          rowKey={(file) => file.name}
          columns={[
            { header: 'File', cell: (file) => <span className={styles.file}>{file.name}</span> },
            { header: 'Size', align: 'right', cell: (file) => `${bytes(file.bytes)}` },
            {
              header: 'SHA-256',
              isWideOnly: true,
              cell: (file) => <code title={file.sha256}>{file.sha256.slice(0, 16)}…</code>,
            },
          ]}
        />
      )}
      {hasMeta && <pre className={styles.meta}>{JSON.stringify(metaData, null, 2)}</pre>}
    </Card>
  );
}

function DeleteArtifact({ artifact, onClose }: { artifact: Artifact; onClose: () => void }) {
  const navigate = useNavigate();
  const { id, name, usedBy } = artifact;
  const remove = useChange(() => request(deleteArtifact, { params: { id } }), {
    outdated: [keys.releases],
    done: `${name} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${name} for ${artifact.deviceTypes.join(', ')}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.software()) })}
      onClose={onClose}
    >
      {usedBy === 0 ? 'No house runs it.' : `${count(usedBy)} houses run it and keep it.`} It can’t be rolled out any
      more.
    </ConfirmDialog>
  );
}
