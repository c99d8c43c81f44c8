/**
 * How many requests each person, access token, tenant, device and stranger may make of this process. Whoever has shown who
 * they are is counted as that, and nobody else pays for them: a flood from one address shuts out its own strangers, and not
 * the people behind it whose sign-in or token was good before. What is left is told as RateLimit and RateLimit-Policy
 * (draft-ietf-httpapi-ratelimit-headers-10).
 */
import { createHash } from 'node:crypto';
import { createRequestRate, type Rate, type RequestRate, type Taken } from '../domain/request-rate.ts';
import { LovelyError } from '../errors.ts';
import {
  KNOWN_CREDENTIALS_MAX,
  RATE_KEYS_MAX,
  REQUESTS_OF_DEVICE,
  REQUESTS_OF_PERSON,
  REQUESTS_OF_STRANGERS,
  REQUESTS_OF_TENANT,
  REQUESTS_OF_TOKEN,
} from '../limits.ts';
import { neighbourOf } from '../network.ts';
import type { Person } from './context.ts';

const RATES = {
  person: REQUESTS_OF_PERSON,
  token: REQUESTS_OF_TOKEN,
  tenant: REQUESTS_OF_TENANT,
  device: REQUESTS_OF_DEVICE,
  address: REQUESTS_OF_STRANGERS,
} as const;
type Kind = keyof typeof RATES;

/** Each throws 'too-many-requests' when there were too many. */
export interface RequestLimits {
  /** A request shows a sign-in or token that nobody has looked at yet: when its address is spent, it must be known. */
  admit(address: string, credential: string): void;
  /** The credential turned out to be good. */
  countPerson(request: Request, person: Person, credential: string): void;
  countDevice(request: Request, deviceId: string): void;
  /** Nobody has shown who they are, or what they showed was wrong. */
  countStranger(request: Request, address: string): void;
  /** What the answer says of the limit that is nearest. */
  headersOf(request: Request): Readonly<Record<string, string>>;
}

/** @param factor by which every limit is multiplied */
export function createRequestLimits(factor: number, nowMs: () => number): RequestLimits {
  const rates = Object.fromEntries(
    Object.entries(RATES).map(([kind, rate]) => [kind, createRequestRate(times(rate, factor), RATE_KEYS_MAX, nowMs)]),
  ) as Record<Kind, RequestRate>;
  const told = new WeakMap<Request, { kind: Kind; taken: Taken }>();
  /** Hashes of credentials that were good, the one that was not seen for longest first. */
  const known = new Set<string>();

  function take(request: Request, kind: Kind, key: string): void {
    const taken = rates[kind].take(key);
    const nearest = told.get(request);
    if (!nearest || shareLeft(kind, taken) < shareLeft(nearest.kind, nearest.taken)) told.set(request, { kind, taken });
    if (!taken.isAllowed) throw refusal(kind, taken.retryAfterSeconds);
  }

  function remember(credential: string): void {
    const hash = hashOf(credential);
    known.delete(hash);
    if (known.size >= KNOWN_CREDENTIALS_MAX) for (const oldest of known) if (known.delete(oldest)) break;
    known.add(hash);
  }

  return {
    admit(address, credential) {
      if (rates.address.isSpent(neighbourOf(address)) && !known.has(hashOf(credential))) throw refusal('address', 1);
    },
    countPerson(request, { user, via, tenantId }, credential) {
      remember(credential);
      if (via.kind === 'token') take(request, 'token', via.id);
      take(request, 'person', user.id);
      take(request, 'tenant', tenantId);
    },
    countDevice: (request, deviceId) => take(request, 'device', deviceId),
    countStranger: (request, address) => take(request, 'address', neighbourOf(address)),
    headersOf(request) {
      const nearest = told.get(request);
      if (!nearest) return {};
      const { kind, taken } = nearest;
      const { perSecond, burst } = times(RATES[kind], factor);
      return {
        'ratelimit-policy': `"${kind}";q=${burst};w=${Math.ceil(burst / perSecond)}`,
        ratelimit: `"${kind}";r=${taken.remaining};t=${taken.fullAfterSeconds}`,
      };
    },
  };
}

function shareLeft(kind: Kind, { remaining }: Taken): number {
  return remaining / RATES[kind].burst;
}

function times({ perSecond, burst }: Rate, factor: number): Rate {
  return { perSecond: perSecond * factor, burst: burst * factor };
}

function refusal(kind: Kind, retryAfterSeconds: number): LovelyError {
  return new LovelyError('too-many-requests', `Too many requests of this ${kind}.`, { retryAfterSeconds });
}

function hashOf(credential: string): string {
  return createHash('sha256').update(credential).digest('base64');
}
