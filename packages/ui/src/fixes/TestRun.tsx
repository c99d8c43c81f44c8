/** Tries a fix on one house that has the problem now. */
import type { Alert, Fix } from '@lovely/api';
import { Button, NativeSelect } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { FlaskConical } from 'lucide-react';
import { useState } from 'react';
import { alertsQuery } from '../api.ts';
import { useMay } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { FixRunView } from './FixRunView.tsx';
import { RunFixDialog } from './RunFixDialog.tsx';
import styles from './TestRun.module.css';
import { useRunFix } from './use-run-fix.ts';

export function TestRun({ fix }: { fix: Fix }) {
  const may = useMay();
  const { data } = useInfiniteQuery(alertsQuery({ rule: fix.rule, state: 'active' }));
  const [chosen, setChosen] = useState('');
  if (!fix.isRunnable || !may('fix.run')) return null;
  const alerts = data?.pages.flatMap(({ items }) => items) ?? [];
  const alert = alerts.find(({ id }) => id === chosen) ?? alerts[0];
  return (
    <Card title="Try it on one house">
      {alert ? (
        <div className={styles.test}>
          <NativeSelect
            aria-label="House"
            data={alerts.map(({ id, deviceName, source }) => ({
              value: id,
              label: source === '' ? deviceName : `${deviceName}, ${source}`,
            }))}
            value={alert.id}
            onChange={(event) => setChosen(event.currentTarget.value)}
          />
          <Try key={alert.id} fix={fix} alert={alert} />
        </div>
      ) : (
        <p className={styles.none}>No house has this problem now, so there is nothing to try it on.</p>
      )}
    </Card>
  );
}

function Try({ fix, alert }: { fix: Fix; alert: Alert }) {
  const run = useRunFix(alert);
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button variant="light" leftSection={<FlaskConical size={16} />} onClick={() => setAsking(true)}>
        Run it there…
      </Button>
      {run.data && <FixRunView key={run.data.id} run={run.data} />}
      {isAsking && (
        <RunFixDialog
          fix={fix}
          alert={alert}
          change={run}
          onRun={(values) => run.mutate({ fix, values }, { onSuccess: () => setAsking(false) })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
