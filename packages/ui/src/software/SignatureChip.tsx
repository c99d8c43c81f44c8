import type { Artifact } from '@lovely/api';
import { ShieldCheck, ShieldQuestion, ShieldX } from 'lucide-react';
import { Chip } from '../parts/Chip.tsx';

/** Whether an artifact is signed, and by whom. @param signer the name of the trusted key, where it is known */
export function SignatureChip({
  artifact: { isSigned, signedBy },
  signer,
}: {
  artifact: Pick<Artifact, 'isSigned' | 'signedBy'>;
  signer?: string | undefined;
}) {
  if (signedBy !== null)
    return (
      <Chip tone="ok" icon={ShieldCheck}>
        {signer === undefined ? 'Signed, trusted' : `Signed by ${signer}`}
      </Chip>
    );
  return isSigned ? (
    <Chip tone="warn" icon={ShieldQuestion}>
      Signed by nobody trusted
    </Chip>
  ) : (
    <Chip tone="offline" icon={ShieldX}>
      Not signed
    </Chip>
  );
}
