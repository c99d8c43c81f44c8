import { beginPasskey, createPasskey, type Passkey } from '@lovely/api';
import { startRegistration, type PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser';
import { keys, request } from '../api.ts';
import { useChange } from '../parts/use-change.ts';
import { inPlainWords } from '../sign-in/passkey-error.ts';
import { NameDialog } from './NameDialog.tsx';
import { factorsQuery, passkeysQuery } from './queries.ts';

export function AddPasskey({ onClose }: { onClose: () => void }) {
  const add = useChange(makePasskey, {
    outdated: [passkeysQuery.queryKey, factorsQuery.queryKey, keys.me],
    done: ({ name }) => `${name} can sign you in now.`,
  });
  return (
    <NameDialog
      title="Add a passkey"
      submitLabel="Go on"
      name=""
      placeholder="Work laptop"
      change={add}
      onName={(name) => add.mutate(name, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>Give it a name by which you know it again. Then your browser asks where to keep it.</p>
    </NameDialog>
  );
}

/** Throws what the browser says against it, in plain words. */
async function makePasskey(name: string): Promise<Passkey> {
  const { challengeId, options } = await request(beginPasskey);
  const { response, ...credential } = await startRegistration({
    optionsJSON: options as unknown as PublicKeyCredentialCreationOptionsJSON,
  }).catch((error: unknown) => {
    throw inPlainWords(error);
  });
  const { clientDataJSON, attestationObject, transports } = response;
  return await request(createPasskey, {
    body: {
      challengeId,
      name,
      credential: {
        ...credential,
        clientExtensionResults: { ...credential.clientExtensionResults },
        response: { clientDataJSON, attestationObject, ...(transports ? { transports } : {}) },
      },
    },
  });
}
