/** What a house should be set to, from where, whether it has it, and what was before. */
import { putDeviceConfiguration, revertDeviceConfiguration, type Configuration } from '@lovely/api';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { deviceQuery, keys, requestVersion } from '../api.ts';
import { useMayFor } from '../may.ts';
import { ErrorState } from '../parts/ErrorState.tsx';
import { useChange } from '../parts/use-change.ts';
import { Waiting } from '../parts/Waiting.tsx';
import { ApplyBar, type Application } from './ApplyBar.tsx';
import { configurationFormQuery, configurationQuery, configurationVersionsQuery } from './configuration-queries.ts';
import { fieldsByKey } from './configuration-text.ts';
import { checkEdits, edit, NO_EDITS, serverErrors, withEdits } from './edits.ts';
import { SettingsEditor } from './SettingsEditor.tsx';
import styles from './ConfigurationTab.module.css';
import { StateNotice } from './StateNotice.tsx';
import { VersionsCard, type Version } from './VersionsCard.tsx';

const route = getRouteApi('/app/devices/$id/configuration');

export function ConfigurationTab() {
  const { id } = route.useParams();
  const query = useQuery(configurationQuery(id));
  const mayWrite = useMayFor(id)('configuration.write');
  const { data: device } = useQuery(deviceQuery(id));
  if (query.isPending) return <Waiting rows={5} rowHeight={70} />;
  if (!query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className={styles.page}>
      <StateNotice
        deviceId={id}
        configuration={query.data}
        isConnected={device?.connected ?? false}
        mayWrite={mayWrite}
      />
      <Editor id={id} configuration={query.data} mayWrite={mayWrite} />
      <Versions id={id} configuration={query.data} mayWrite={mayWrite} />
    </div>
  );
}

interface PartProps {
  readonly id: string;
  readonly configuration: Configuration;
  readonly mayWrite: boolean;
}

function Editor({ id, configuration, mayWrite }: PartProps) {
  const form = useQuery(configurationFormQuery(id));
  const [edits, setEdits] = useState(NO_EDITS);
  const { own, version, entries } = configuration;
  const next = withEdits(own, edits);
  const save = useChange(
    ({ confirmMs, note }: Application) =>
      requestVersion(putDeviceConfiguration, { params: { id }, body: { values: next, confirmMs, note } }, version),
    { outdated: [keys.device(id)], done: 'The house is told.' },
  );
  if (form.isPending) return <Waiting rows={4} />;
  if (!form.data) return <ErrorState error={form.error} onRetry={() => void form.refetch()} />;
  const { fields, takesUnknown } = form.data;
  const byKey = fieldsByKey(fields);
  const wrong = checkEdits(edits, byKey);
  return (
    <>
      <SettingsEditor
        fields={fields}
        takesUnknown={takesUnknown}
        own={own}
        edits={edits}
        errors={new Map([...serverErrors(save.error), ...wrong])}
        entries={entries}
        here="this house"
        isReadOnly={!mayWrite}
        onEdit={(key, value) => {
          save.reset();
          setEdits((before) => edit(before, own, key, value));
        }}
      />
      <ApplyBar
        own={own}
        next={next}
        fields={byKey}
        isGood={wrong.size === 0}
        title="Apply to this house?"
        change={save}
        onApply={(how, done) =>
          save.mutate(how, {
            onSuccess: () => {
              done();
              setEdits(NO_EDITS);
            },
            // What is wrong with values stands at their fields.
            onError: (error) => serverErrors(error).size > 0 && done(),
          })
        }
        onDiscard={() => {
          setEdits(NO_EDITS);
          save.reset();
        }}
      />
    </>
  );
}

function Versions({ id, configuration, mayWrite }: PartProps) {
  const query = useInfiniteQuery(configurationVersionsQuery(id));
  const { data: form } = useQuery(configurationFormQuery(id));
  const bring = useChange(
    ({ version, how }: { version: Version; how: Application }) =>
      requestVersion(
        revertDeviceConfiguration,
        { params: { id }, body: { version: version.version, confirmMs: how.confirmMs } },
        configuration.version,
      ),
    { outdated: [keys.device(id)], done: (_, { version }) => `Version ${version.version} is back.` },
  );
  return (
    <VersionsCard
      query={query}
      versions={query.data?.pages.flatMap(({ items }) => items)}
      current={configuration.version}
      fields={fieldsByKey(form?.fields)}
      mayWrite={mayWrite}
      change={bring}
      onBring={(version, how, done) => bring.mutate({ version, how }, { onSuccess: done })}
    />
  );
}
