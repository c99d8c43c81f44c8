import type { Group } from '@lovely/api';
import { Filter, ListChecks } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

export function GroupKind({ kind }: { kind: Group['kind'] }) {
  return (
    <Chip tone={kind === 'dynamic' ? 'pending' : 'offline'} icon={kind === 'dynamic' ? Filter : ListChecks}>
      {kind === 'dynamic' ? 'By filter' : 'By hand'}
    </Chip>
  );
}
