import type { Fix } from '@lovely/api';
import { Shield, ShieldAlert, ShieldCheck } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

/** How much can go wrong when a fix runs. */
export function RiskChip({ risk }: { risk: Fix['risk'] }) {
  switch (risk) {
    case 'low':
      return (
        <Chip tone="ok" icon={ShieldCheck}>
          Low risk
        </Chip>
      );
    case 'medium':
      return (
        <Chip tone="warn" icon={Shield}>
          Medium risk
        </Chip>
      );
    case 'high':
      return (
        <Chip tone="bad" icon={ShieldAlert}>
          High risk
        </Chip>
      );
  }
}
