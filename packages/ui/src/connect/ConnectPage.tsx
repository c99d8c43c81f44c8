/** "Connect a home": one line for the gateway, and a checklist that follows it in, live. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { PartyPopper } from 'lucide-react';
import { useState } from 'react';
import { deviceQuery, deviceStatusQuery, devicesQuery, summaryQuery, systemQuery } from '../api.ts';
import { PendingKey } from '../device/PendingKey.tsx';
import { StateChip } from '../device/StateChip.tsx';
import { span } from '../format/time.ts';
import { useNowText } from '../format/use-now.ts';
import { Card } from '../parts/Card.tsx';
import { ErrorState } from '../parts/ErrorState.tsx';
import { LinkButton } from '../parts/LinkButton.tsx';
import { Notice } from '../parts/Notice.tsx';
import { paths } from '../paths.ts';
import { PlaceStep } from './PlaceStep.tsx';
import { Page } from '../shell/Page.tsx';
import { PageHeader } from '../shell/PageHeader.tsx';
import { ClientLine } from './ClientLine.tsx';
import { currentStep, stepState } from './progress.ts';
import { StepItem, Steps } from './Steps.tsx';
import { WhatToCheck } from './WhatToCheck.tsx';
import styles from './ConnectPage.module.css';

const route = getRouteApi('/app/connect');

export function ConnectPage() {
  const { device: chosenId } = route.useSearch();
  const navigate = useNavigate();
  const { data: summary } = useQuery(summaryQuery);
  const system = useQuery(systemQuery);
  const [openedAt] = useState(Date.now);
  const waitingFor = useNowText((now) => span(now - openedAt));

  const pending = useInfiniteQuery(devicesQuery({ status: 'pending' }));
  // The first that calls is followed, also after somebody has accepted it elsewhere.
  const [firstId, setFirstId] = useState<string>();
  const newestId = pending.data?.pages[0]?.items[0]?.id;
  if (firstId === undefined && newestId !== undefined) setFirstId(newestId);
  const id = chosenId ?? firstId;
  const { data: device } = useQuery({ ...deviceQuery(id ?? ''), enabled: id !== undefined });
  const { data: status } = useQuery({
    ...deviceStatusQuery(id ?? ''),
    enabled: id !== undefined && device?.status === 'accepted',
  });
  const step = currentStep(device, status?.metrics ?? []);
  const others = (pending.data?.pages[0]?.items ?? []).filter((candidate) => candidate.id !== id);

  return (
    <Page width="narrow">
      <PageHeader title={summary?.devices === 0 ? 'Connect your first home' : 'Connect a home'} />
      <div className={styles.cards}>
        <Card title="On the gateway">
          <p className={styles.text}>
            Run this line in the folder of the Lovely Smart System. On another computer, copy <code>ca.crt</code> there
            first: it is how the gateway knows this server.
          </p>
          {system.isError && <ErrorState error={system.error} onRetry={() => void system.refetch()} />}
          {system.data && <ClientLine server={system.data.publicUrl} />}
        </Card>
        <Card>
          {pending.isError && !pending.data && (
            <ErrorState error={pending.error} onRetry={() => void pending.refetch()} />
          )}
          <Steps>
            <StepItem
              number={1}
              state={stepState('waiting', step)}
              title={device ? `${device.name} has called` : 'Waiting for the gateway'}
            >
              {step === 'waiting' && (
                <>
                  <p className={styles.text}>It shows up here by itself. Waiting for {waitingFor}.</p>
                  {system.data && <WhatToCheck since={openedAt} server={system.data.publicUrl} />}
                </>
              )}
            </StepItem>
            <StepItem
              number={2}
              state={stepState('key', step)}
              title={step === 'key' || step === 'waiting' ? 'Accept its key' : 'Key accepted'}
            >
              {step === 'key' && id !== undefined && (
                <>
                  <p className={styles.text}>Is this the fingerprint that the gateway prints? Then let it in.</p>
                  <PendingKey deviceId={id} onAccepted={() => void navigate({ ...paths.connect(id), replace: true })} />
                  {others.length > 0 && (
                    <p className={styles.text}>
                      More are waiting.{' '}
                      <LinkButton {...paths.pending()} variant="subtle" size="compact-sm">
                        Show all
                      </LinkButton>
                    </p>
                  )}
                </>
              )}
            </StepItem>
            <StepItem number={3} state={stepState('connected', step)} title="Connected, first status received">
              {step === 'connected' && (
                <p className={styles.text}>It fetches its token and opens the channel; this takes a few seconds.</p>
              )}
              {stepState('connected', step) === 'done' && device && <StateChip device={device} />}
            </StepItem>
            <StepItem number={4} state={stepState('placed', step)} title="On the map">
              {step === 'placed' && id !== undefined && <PlaceStep deviceId={id} />}
            </StepItem>
          </Steps>
        </Card>
        {step === undefined && id !== undefined && (
          <Notice
            icon={PartyPopper}
            tone="ok"
            title="This home is connected"
            actions={
              <div className={styles.actions}>
                <LinkButton {...paths.device(id)} variant="default">
                  Open the device
                </LinkButton>
                <LinkButton {...paths.map()}>See it on the map</LinkButton>
              </div>
            }
          />
        )}
      </div>
    </Page>
  );
}
