/** The terminal of a device, or why there is none now. */
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { SquareTerminal, WifiOff } from 'lucide-react';
import { useState } from 'react';
import { deviceQuery } from '../api.ts';
import { useMayFor } from '../may.ts';
import { Card } from '../parts/Card.tsx';
import { EmptyState } from '../parts/EmptyState.tsx';
import { RelativeTime } from '../parts/RelativeTime.tsx';
import { TerminalView } from './TerminalView.tsx';

const route = getRouteApi('/app/devices/$id');

export function TerminalTab() {
  const { id } = route.useParams();
  const may = useMayFor(id);
  const { data: device } = useQuery(deviceQuery(id));
  // A terminal that was open stays on the screen when the device goes: what it printed may still be needed.
  const [wasConnected, setWasConnected] = useState(false);
  if (!device) return null;
  if (!may('device.terminal')) {
    return (
      <Card>
        <EmptyState
          icon={SquareTerminal}
          title="Your role has no terminals"
          detail="Ask an administrator for it if you work on gateways themselves."
        />
      </Card>
    );
  }
  if (device.connected && !wasConnected) setWasConnected(true);
  if (device.connected || wasConnected) return <TerminalView key={id} deviceId={id} isConnected={device.connected} />;
  return (
    <Card>
      <EmptyState
        icon={WifiOff}
        title={device.status === 'accepted' ? 'The gateway is not connected' : 'The gateway is not accepted'}
        detail={
          device.status === 'accepted' ? (
            <>
              {device.connectionChangedAt === null ? (
                'It has never been connected. '
              ) : (
                <>
                  It left <RelativeTime time={device.connectionChangedAt} />.{' '}
                </>
              )}
              The terminal opens here by itself as soon as it is back.
            </>
          ) : (
            'A terminal needs an accepted key and an open connection.'
          )
        }
      />
    </Card>
  );
}
