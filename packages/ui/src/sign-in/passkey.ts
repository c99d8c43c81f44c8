/** Signing in with a passkey, on a button or from the list that the browser shows at the e-mail field. */
import { beginPasskeyLogin, createPasskeyLogin, type Result, type User } from '@lovely/api';
import {
  browserSupportsWebAuthnAutofill,
  startAuthentication,
  WebAuthnAbortService,
  type PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import { useEffect, useEffectEvent } from 'react';
import { request } from '../api.ts';
import { PASSKEY_OFFER_MS } from '../limits.ts';
import { inPlainWords, isCancelled } from './passkey-error.ts';

/** Asks the person to choose a passkey. Throws an error in plain words. */
export async function signInWithPasskey(): Promise<User> {
  try {
    return await authenticate(await request(beginPasskeyLogin), false);
  } catch (error) {
    throw inPlainWords(error);
  }
}

/** Offers passkeys among what the browser fills in, as long as the page is open; silent where it can't. */
export function usePasskeyOffer(onUser: (user: User) => void, onError: (error: unknown) => void): void {
  const succeed = useEffectEvent(onUser);
  const fail = useEffectEvent(onError);
  useEffect(() => {
    let isOpen = true;
    const offer = async (): Promise<void> => {
      // Nobody asked for it yet, so nobody is told when there is none.
      const challenge = await request(beginPasskeyLogin).catch(() => undefined);
      if (!challenge || !isOpen) return;
      try {
        const user = await authenticate(challenge, true);
        if (isOpen) succeed(user);
      } catch (error) {
        if (isOpen && !isCancelled(error)) fail(inPlainWords(error));
      }
    };
    // The challenge of an offer has an end, so a new offer takes its place before that.
    const timer = setInterval(() => void offer(), PASSKEY_OFFER_MS);
    void browserSupportsWebAuthnAutofill().then((can) => {
      if (!can) clearInterval(timer);
      else if (isOpen) void offer();
    });
    return () => {
      isOpen = false;
      clearInterval(timer);
      WebAuthnAbortService.cancelCeremony();
    };
  }, []);
}

async function authenticate(
  { challengeId, options }: Result<typeof beginPasskeyLogin>,
  useBrowserAutofill: boolean,
): Promise<User> {
  const credential = await startAuthentication({
    optionsJSON: options as unknown as PublicKeyCredentialRequestOptionsJSON,
    useBrowserAutofill,
  });
  return await request(createPasskeyLogin, {
    body: {
      challengeId,
      credential: { ...credential, clientExtensionResults: { ...credential.clientExtensionResults } },
    },
  });
}
