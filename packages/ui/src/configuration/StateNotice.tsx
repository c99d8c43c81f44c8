/** How a house stands to what it should be set to, and what can be done about it. */
import { retryDeviceConfiguration, type Configuration } from '@lovely/api';
import { Button } from '@mantine/core';
import { RefreshCw } from 'lucide-react';
import { useState } from 'react';
import { keys, request } from '../api.ts';
import { durationText } from '../format/duration.ts';
import { Notice } from '../parts/Notice.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { useChange } from '../parts/use-change.ts';
import { ApplyDialog, type Application } from './ApplyBar.tsx';
import { REVERT_REASONS, STATES } from './configuration-text.ts';

export function StateNotice({
  deviceId,
  configuration,
  isConnected,
  mayWrite,
}: {
  deviceId: string;
  configuration: Configuration;
  isConnected: boolean;
  mayWrite: boolean;
}) {
  const [isAsked, setAsked] = useState(false);
  const retry = useChange(
    ({ confirmMs }: Application) =>
      request(retryDeviceConfiguration, { params: { id: deviceId }, body: { confirmMs } }),
    { outdated: [keys.device(deviceId)], done: 'The house is told again.' },
  );
  const { state, isPending } = configuration;
  const { label, icon } = STATES[state];
  const isWrong = state === 'reverted' || state === 'failed' || state === 'differs';
  return (
    <div aria-live="polite">
      <Notice
        icon={icon}
        tone={state === 'current' ? 'ok' : isWrong ? 'warn' : 'plain'}
        title={label}
        actions={
          isWrong &&
          mayWrite && (
            <Button variant="default" leftSection={<RefreshCw size={15} />} onClick={() => setAsked(true)}>
              Try again…
            </Button>
          )
        }
      >
        <Detail configuration={configuration} isConnected={isConnected} />
        {isPending && ' A change of one of its groups is on its way.'}
      </Notice>
      {isAsked && (
        <ApplyDialog
          title="Tell the house once more?"
          submitLabel="Try again"
          hasNote={false}
          change={retry}
          onApply={(how) => retry.mutate(how, { onSuccess: () => setAsked(false) })}
          onClose={() => setAsked(false)}
        >
          <p>It is told all that it should be set to, as a new version.</p>
        </ApplyDialog>
      )}
    </div>
  );
}

function Detail({ configuration, isConnected }: { configuration: Configuration; isConnected: boolean }) {
  const { state, reportedAt, desiredAt, desiredBy, confirmMs, reverted, problems, desiredVersion } = configuration;
  const said = problems.map(({ key, message }) => sentence(key === null ? message : `${key}: ${message}`)).join(' ');
  switch (state) {
    case 'none':
      return <>Gateway and sensors work with their own settings.</>;
    case 'current':
      return (
        <>
          The house has version {desiredVersion}
          {reportedAt && (
            <>
              , it said so <RelativeTime time={reportedAt} />
            </>
          )}
          .
        </>
      );
    case 'waiting':
      return (
        <>
          Version {desiredVersion} {desiredBy === null ? '' : `of ${desiredBy} `}
          {desiredAt && <RelativeTime time={desiredAt} />}.{' '}
          {isConnected ? 'It is told at this moment.' : 'It is told when it is back.'}
        </>
      );
    case 'confirming':
      return (
        <>
          The house has version {desiredVersion}, and goes back by itself unless it still is connected{' '}
          {confirmMs === null ? 'in a moment' : `after ${durationText(confirmMs)}`}.
        </>
      );
    case 'reverted':
      return (
        <>
          {reverted && REVERT_REASONS[reverted.reason]} {said} It works with the values before, and is not told version{' '}
          {desiredVersion} again
          {reverted && (
            <>
              ; this was <RelativeTime time={reverted.at} />
            </>
          )}
          .
        </>
      );
    case 'failed':
      return <>{said}</>;
    case 'differs':
      return <>It says that it has version {desiredVersion}, and other values than these.</>;
  }
}

/** What a program says may end without a stop. */
function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
