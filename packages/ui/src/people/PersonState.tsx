import type { UserAccount } from '@lovely/api';
import { CircleCheck, CircleSlash } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

export function PersonState({ person }: { person: Pick<UserAccount, 'disabledAt'> }) {
  return person.disabledAt === null ? (
    <Chip tone="ok" icon={CircleCheck}>
      Active
    </Chip>
  ) : (
    <Chip tone="offline" icon={CircleSlash}>
      Disabled
    </Chip>
  );
}
