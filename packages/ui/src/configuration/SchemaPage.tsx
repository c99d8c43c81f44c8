/** One schema: its settings, and what it was before. */
import {
  ApiError,
  createConfigurationSchema,
  deleteConfigurationSchema,
  resetConfigurationSchema,
  updateConfigurationSchema,
  type ConfigurationSchema,
  type ConfigurationSchemaDraft,
} from '@lovely/api';
import { Button, Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { History, RotateCcw, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { request, requestVersion } from '../api.ts';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { ConfirmDialog } from '../parts/ConfirmDialog.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { ListCard } from '../parts/ListCard.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { RowMenu } from '../parts/RowMenu.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { SCHEMAS_KEY, schemaQuery, schemasQuery, schemaVersionsQuery } from './configuration-queries.ts';
import { BLANK_SCHEMA, draftOf, keyFor } from './schema-draft.ts';
import { SchemaEditor } from './SchemaEditor.tsx';
import { schemaOfText } from './SchemasPage.tsx';
import editorStyles from './SchemaEditor.module.css';
import styles from './VersionsCard.module.css';

const route = getRouteApi('/app/settings/configuration/schemas/$key');

export function SchemaPage() {
  const { key } = route.useParams();
  const query = useQuery(schemaQuery(key));
  const mayWrite = useMay()('tenant.write');
  const [asked, setAsked] = useState<'reset' | 'delete'>();
  const save = useChange(
    ({ schema, version }: { schema: ConfigurationSchemaDraft; version: number }) =>
      requestVersion(updateConfigurationSchema, { params: { key }, body: schema }, version),
    { outdated: [SCHEMAS_KEY], done: ({ title }) => `${title} is saved.` },
  );
  if (query.isPending) return <Waiting rows={3} rowHeight={90} />;
  if (query.error instanceof ApiError && query.error.problem.status === 404) return <NotFoundPage />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  const schema = query.data;
  const isBuiltIn = schema.origin === 'built-in';
  return (
    <>
      <PageHeader
        back={{ label: 'Schemas', link: paths.schemas() }}
        title={schema.title}
        detail={`For ${schemaOfText(schema.of)} · ${isBuiltIn ? 'comes with the system' : 'made here'}${schema.edited ? ', changed' : ''}`}
        actions={
          mayWrite &&
          (!isBuiltIn || schema.edited) && (
            <RowMenu label={`Actions for ${schema.title}`}>
              {isBuiltIn ? (
                <Menu.Item leftSection={<RotateCcw size={15} />} onClick={() => setAsked('reset')}>
                  Make it as it came…
                </Menu.Item>
              ) : (
                <Menu.Item leftSection={<Trash2 size={15} />} color="red" onClick={() => setAsked('delete')}>
                  Delete…
                </Menu.Item>
              )}
            </RowMenu>
          )
        }
      />
      <SchemaEditor
        key={schema.version}
        initial={draftOf(schema)}
        isBuiltIn={isBuiltIn}
        isReadOnly={!mayWrite}
        submitLabel="Save"
        change={save}
        onSubmit={(next) => save.mutate({ schema: next, version: schema.version })}
      />
      <Versions
        schema={schema}
        mayWrite={mayWrite}
        onBring={(next) =>
          save.mutate(
            { schema: next, version: schema.version },
            { onError: (error) => void toastError('Not brought back', error) },
          )
        }
      />
      {asked === 'reset' && <Reset schema={schema} onClose={() => setAsked(undefined)} />}
      {asked === 'delete' && <Delete schema={schema} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Versions({
  schema,
  mayWrite,
  onBring,
}: {
  schema: ConfigurationSchema;
  mayWrite: boolean;
  onBring: (schema: ConfigurationSchemaDraft) => void;
}) {
  const query = useQuery(schemaVersionsQuery(schema.key));
  return (
    <div className={editorStyles.versions}>
      <ListCard
        title="History"
        query={query}
        items={query.data?.items}
        empty={<EmptyState icon={History} title="It was never changed" />}
      >
        {(versions) => (
          <ol className={styles.versions}>
            {versions.map((version) => (
              <li key={version.version}>
                <header>
                  <b>Version {version.version}</b>
                  <span>
                    {version.by ?? 'the system'}, <RelativeTime time={version.at} /> ·{' '}
                    {plural(version.schema.fields.length, 'setting')}
                  </span>
                  {version.version === schema.version ? (
                    <span className={styles.current}>in use</span>
                  ) : (
                    mayWrite && (
                      <Button
                        variant="default"
                        size="xs"
                        leftSection={<Undo2 size={14} />}
                        onClick={() => onBring(version.schema)}
                      >
                        Bring it back
                      </Button>
                    )
                  )}
                </header>
                <p>{version.schema.fields.map(({ title }) => title).join(', ')}</p>
              </li>
            ))}
          </ol>
        )}
      </ListCard>
    </div>
  );
}

function Reset({ schema, onClose }: { schema: ConfigurationSchema; onClose: () => void }) {
  const reset = useChange(() => request(resetConfigurationSchema, { params: { key: schema.key } }), {
    outdated: [SCHEMAS_KEY],
    done: `${schema.title} is as it came.`,
  });
  return (
    <ConfirmDialog
      title={`Make ${schema.title} as it came?`}
      submitLabel="Make it as it came"
      change={reset}
      onConfirm={() => reset.mutate(undefined, { onSuccess: onClose })}
      onClose={onClose}
    >
      Your changes stay in its history, and can be brought back from there.
    </ConfirmDialog>
  );
}

function Delete({ schema, onClose }: { schema: ConfigurationSchema; onClose: () => void }) {
  const navigate = useNavigate();
  const remove = useChange(() => request(deleteConfigurationSchema, { params: { key: schema.key } }), {
    outdated: [[...SCHEMAS_KEY, 'all']],
    done: `${schema.title} is deleted.`,
  });
  return (
    <ConfirmDialog
      title={`Delete ${schema.title}?`}
      submitLabel="Delete"
      change={remove}
      onConfirm={() => remove.mutate(undefined, { onSuccess: () => void navigate(paths.schemas()) })}
      onClose={onClose}
    >
      What is set by it stays set, and is shown by its keys alone.
    </ConfirmDialog>
  );
}

export function NewSchemaPage() {
  const navigate = useNavigate();
  const { data: known } = useQuery(schemasQuery);
  const make = useChange(
    (draft: ConfigurationSchemaDraft) =>
      request(createConfigurationSchema, { body: { ...draft, key: keyFor(draft.title, known?.items ?? []) } }),
    { outdated: [SCHEMAS_KEY], done: ({ title }) => `${title} is made.` },
  );
  return (
    <>
      <PageHeader
        back={{ label: 'Schemas', link: paths.schemas() }}
        title="New schema"
        detail="What can be set on your gateways or sensors."
      />
      <SchemaEditor
        initial={BLANK_SCHEMA}
        isReadOnly={false}
        submitLabel="Make the schema"
        change={make}
        onSubmit={(draft) => make.mutate(draft, { onSuccess: ({ key }) => void navigate(paths.schema(key)) })}
      />
    </>
  );
}
