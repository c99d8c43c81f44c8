import type { Severity } from '@lovely/api';
import { OctagonAlert, TriangleAlert } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

export function SeverityChip({ severity }: { severity: Severity }) {
  return severity === 'critical' ? (
    <Chip tone="bad" icon={OctagonAlert}>
      Critical
    </Chip>
  ) : (
    <Chip tone="warn" icon={TriangleAlert}>
      Warning
    </Chip>
  );
}
