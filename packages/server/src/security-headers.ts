/** What every answer tells browsers about itself, unless its route has said something else. */
import type { Answer } from './listener.ts';

/** Data is no page: opened as one it loads nothing, runs nothing, is framed by nobody and read by no other site. */
const DEFAULTS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/**
 * What our pages may do. Styles may be inline for the terminal and the map (docs/decisions/0007-inline-styles.md), and
 * nothing else may.
 */
export const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy':
    'camera=(), display-capture=(), geolocation=(), hid=(), idle-detection=(), local-fonts=(), microphone=(), midi=(), payment=(), serial=(), usb=()',
} as const;

const STRICT_TRANSPORT = 'max-age=31536000';

/** @param isStrict whether the browser is to come with TLS only from now on (RFC 6797) */
export function harden(answer: Answer, isStrict: boolean): Answer {
  if (!(answer instanceof Response)) return answer;
  for (const [name, value] of Object.entries(DEFAULTS)) if (!answer.headers.has(name)) answer.headers.set(name, value);
  if (isStrict) answer.headers.set('strict-transport-security', STRICT_TRANSPORT);
  return answer;
}
