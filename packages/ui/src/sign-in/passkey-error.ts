/** What goes wrong with a passkey in the browser, in words for people. */
import { WebAuthnError } from '@simplewebauthn/browser';

const WORDS: Readonly<Record<string, string>> = {
  NotAllowedError: 'No passkey was used. Try again, or take another way.',
  AbortError: 'No passkey was used. Try again, or take another way.',
  InvalidStateError: 'This device has a passkey for your account already.',
  SecurityError: 'Passkeys work only at the https address of this system, or at localhost.',
  NotSupportedError: 'This device can’t make a passkey for this system.',
};

/** Whether nobody chose a passkey, or another request took the place of this one. */
export function isCancelled(error: unknown): boolean {
  return nameOf(error) === 'AbortError' || nameOf(error) === 'NotAllowedError';
}

/** The same error, or one that says in plain words what the browser said in its own. */
export function inPlainWords(error: unknown): unknown {
  const words = WORDS[nameOf(error)];
  return words === undefined ? error : new Error(words, { cause: error });
}

function nameOf(error: unknown): string {
  if (error instanceof WebAuthnError && error.cause instanceof Error) return error.cause.name;
  return error instanceof Error ? error.name : '';
}
