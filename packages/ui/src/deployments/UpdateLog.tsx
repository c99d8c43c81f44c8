import type { DeploymentDevice } from '@lovely/api';
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { FileText } from 'lucide-react';
import { useState } from 'react';
import { FormError } from '../parts/FormError.tsx';
import { deploymentLogQuery } from './deployment-queries.ts';
import { LogLines } from './LogLines.tsx';

/** Everything that the gateway wrote about a failed update, fetched when somebody wants it. */
export function UpdateLog({ device: { deploymentId, deviceId, deviceName } }: { device: DeploymentDevice }) {
  const [isOpen, setOpen] = useState(false);
  const { data, error, isFetching } = useQuery({ ...deploymentLogQuery(deploymentId, deviceId), enabled: isOpen });
  if (!isOpen || !data)
    return (
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<FileText size={14} />}
          loading={isFetching}
          onClick={() => setOpen(true)}
        >
          The whole log
        </Button>
        <FormError error={error} />
      </div>
    );
  return (
    <div>
      <LogLines label={`Log of ${deviceName}`} lines={data.lines} />
      {data.isCut && <small>There was more than is kept.</small>}
    </div>
  );
}
