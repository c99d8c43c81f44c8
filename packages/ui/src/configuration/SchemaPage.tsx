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
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { request, requestVersion } from '../api.ts';
import { plural } from '../format/number.ts';
import { useMay } from '../may.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { OriginMenu } from '../parts/OriginMenu.tsx';
import { toastError } from '../parts/toast.ts';
import { useChange } from '../parts/use-change.ts';
import { VersionList } from '../parts/VersionList.tsx';
import { Waiting } from '../parts/Waiting.tsx';
import { paths } from '../paths.ts';
import { NotFoundPage } from '../shell/NotFoundPage.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { SCHEMAS_KEY, schemaQuery, schemasQuery, schemaVersionsQuery } from './configuration-queries.ts';
import { BLANK_SCHEMA, draftOf, keyFor } from './schema-draft.ts';
import { SchemaEditor } from './SchemaEditor.tsx';
import { schemaOfText } from './SchemasPage.tsx';
import styles from './SchemaEditor.module.css';

const route = getRouteApi('/app/settings/configuration/schemas/$key');

export function SchemaPage() {
  const { key } = route.useParams();
  const query = useQuery(schemaQuery(key));
  const mayWrite = useMay()('tenant.write');
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
        actions={mayWrite && <Actions schema={schema} />}
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
    <div className={styles.versions}>
      <VersionList
        title="History"
        query={query}
        versions={query.data?.items}
        current={schema.version}
        madeOf={({ by, at, schema: { fields } }) => ({ by, at, note: plural(fields.length, 'setting') })}
        bringLabel="Bring it back"
        onBring={mayWrite ? (version) => onBring(version.schema) : undefined}
      >
        {(version) => <p>{version.schema.fields.map(({ title }) => title).join(', ')}</p>}
      </VersionList>
    </div>
  );
}

function Actions({ schema }: { schema: ConfigurationSchema }) {
  const { key, title } = schema;
  const navigate = useNavigate();
  const reset = useChange(() => request(resetConfigurationSchema, { params: { key } }), {
    outdated: [SCHEMAS_KEY],
    done: `${title} is as it came.`,
  });
  const remove = useChange(() => request(deleteConfigurationSchema, { params: { key } }), {
    outdated: [[...SCHEMAS_KEY, 'all']],
    done: `${title} is deleted.`,
  });
  return (
    <OriginMenu
      of={schema}
      reset={{
        change: reset,
        run: (close) => reset.mutate(undefined, { onSuccess: close }),
        words: 'Your changes stay in its history, and can be brought back from there.',
      }}
      remove={{
        change: remove,
        run: () => remove.mutate(undefined, { onSuccess: () => void navigate(paths.schemas()) }),
        words: 'What is set by it stays set, and is shown by its keys alone.',
      }}
    />
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
