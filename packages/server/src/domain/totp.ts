/** Codes of authenticator apps: TOTP (RFC 6238) with SHA-1, six digits and thirty seconds, which all of them know. */
import { generateSecret, generateURI, verifySync } from 'otplib';

const ISSUER = 'Lovely Smart System';
const STEP_SECONDS = 30;
const DIGITS = 6;

/** A fresh secret, in base32. */
export function createTotpSecret(): string {
  return generateSecret();
}

/** What a QR code shows to an authenticator app. */
export function totpUri(secret: string, email: string): string {
  return generateURI({ issuer: ISSUER, label: email, secret });
}

/** Whether this can be a code at all; otherwise it may be a recovery code. */
export function isTotpCode(code: string): boolean {
  return new RegExp(`^\\d{${DIGITS}}$`).test(code);
}

/**
 * The time step that the code belongs to, when it is one of the step now or of its neighbours, as clocks differ.
 * A code works once: only steps after `lastStep`, that of the last code which was used, count.
 */
export function findTotpStep(secret: string, code: string, lastStep: number, nowMs: number): number | undefined {
  if (!isTotpCode(code)) return undefined;
  const result = verifySync({
    secret,
    token: code,
    epoch: Math.floor(nowMs / 1000),
    period: STEP_SECONDS,
    epochTolerance: STEP_SECONDS,
  });
  return result.valid && 'timeStep' in result && result.timeStep > lastStep ? result.timeStep : undefined;
}
