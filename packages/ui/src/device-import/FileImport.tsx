import { IMPORT_LINES_MAX } from '@lovely/api';
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { keys } from '../api.ts';
import { count, plural } from '../format/number.ts';
import { Card } from '../parts/Card.tsx';
import { FormError } from '../parts/FormError.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { TextFileInput } from '../parts/TextFileInput.tsx';
import { useChange } from '../parts/use-change.ts';
import { paths } from '../paths.ts';
import { checkImport, runImport } from './import-run.ts';
import { LineTable } from './LineTable.tsx';
import styles from './ImportPage.module.css';

/** A file is read, checked line by line, and then imported. */
export function FileImport() {
  const [csv, setCsv] = useState('');
  const [progress, setProgress] = useState({ done: 0, of: 0 });
  const check = useMutation({ mutationFn: checkImport });
  const run = useChange((text: string) => runImport(text, (done, of) => setProgress({ done, of })), {
    outdated: [keys.devices, keys.fleet],
  });
  const result = run.data ?? check.data;
  return (
    <div className={styles.cards}>
      <Card title="The file">
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            run.reset();
            check.mutate(csv);
          }}
        >
          <p className={styles.columns}>
            The first line names the columns: <code>identity.mac</code> or any other <code>identity.…</code> that the
            gateways send, <code>public_key</code> (PEM), and, if you like, <code>name</code>, <code>address</code>,{' '}
            <code>latitude</code>, <code>longitude</code>, <code>tags</code>. Up to {count(IMPORT_LINES_MAX)} lines.
          </p>
          <TextFileInput
            label="CSV"
            description="Nothing is changed before you have seen what would happen."
            accept=".csv,text/csv"
            placeholder={'identity.mac,public_key,name\n02:00:00:aa:bb:01,"-----BEGIN PUBLIC KEY-----…",Villa Rossi'}
            rows={10}
            value={csv}
            onChange={(text) => {
              setCsv(text);
              check.reset();
              run.reset();
            }}
          />
          <FormError error={check.error} />
          <Button type="submit" disabled={csv.trim() === ''} loading={check.isPending}>
            Check the file
          </Button>
        </form>
      </Card>
      {result && (
        <Card isFlush>
          <div className={styles.summary}>
            <output>
              <b>{plural(result.created, 'gateway')}</b> {run.data ? 'pre-authorised' : 'can be pre-authorised'}
            </output>
            <span>
              <b>{plural(new Set(result.problems.map(({ line }) => line)).size, 'line')}</b> left out
            </span>
            {run.data ? (
              <LinkButton {...paths.devices({ status: 'preauthorized' })} variant="default">
                See the gateways
              </LinkButton>
            ) : (
              <Button disabled={result.created === 0} loading={run.isPending} onClick={() => run.mutate(csv)}>
                Import {plural(result.created, 'gateway')}
              </Button>
            )}
          </div>
          {run.isPending && (
            <div className={styles.more}>
              <label className={styles.progress}>
                {count(progress.done)} of {count(progress.of)} lines
                <progress value={progress.done} max={progress.of} />
              </label>
            </div>
          )}
          <FormError error={run.error} />
          <LineTable csv={csv} problems={result.problems} isDone={run.data !== undefined} />
        </Card>
      )}
    </div>
  );
}
