/** Decides what an auth request comes to, from what is known of its key and from what it shows. Touches nothing. */
import { LovelyError } from '../errors.ts';

export interface KnownKey {
  readonly id: string;
  readonly tenantId: string;
  readonly deviceId: string;
  readonly status: 'pending' | 'accepted' | 'rejected' | 'preauthorized';
  /** The join code that was last used for it. */
  readonly joinCodeId: string | null;
}

export interface UsableCode {
  readonly id: string;
  readonly tenantId: string;
  readonly accept: boolean;
  /** Why nobody can join by it any more; undefined when one can. */
  readonly spent: string | undefined;
}

/** A certificate of a tenant's authority for the key. */
export interface Certified {
  /** The tenants that trust the authority. */
  readonly tenantIds: readonly string[];
  /** Whether the certificate's subject is one of the identity's values. */
  readonly namesDevice: boolean;
}

export interface Asking {
  /** The same identity and key, wherever they are known. */
  readonly known: readonly KnownKey[];
  /** What the device said: null is a code that nobody knows, undefined is none. */
  readonly code: UsableCode | null | undefined;
  readonly certified: Certified | undefined;
  /** Where a device goes that says nothing of where it belongs. */
  readonly firstTenantId: string;
}

export type Joining =
  /** Nothing changes. */
  | { readonly kind: 'known'; readonly key: KnownKey }
  /** The key is made where it isn't known, and accepted if something vouches for it. */
  | {
      readonly kind: 'join';
      readonly tenantId: string;
      /** The code that is used up by one. */
      readonly code: UsableCode | undefined;
      readonly accept: boolean;
      /** Whether it may take the place of a key that was accepted before. */
      readonly mayReplace: boolean;
    };

/** Throws 'bad-join-code' or 'bad-certificate'. */
export function decideJoining({ known, code, certified, firstTenantId }: Asking): Joining {
  const best = known.toSorted((a, b) => RANK[a.status] - RANK[b.status])[0];
  if (code === null) {
    // Revoked since: whoever joined by it stays.
    if (best) return stay(best);
    throw new LovelyError('bad-join-code', 'Nobody knows this join code; it may be mistyped or revoked.');
  }
  // A code says where the device belongs, before anything else.
  const here = code ? known.find((key) => key.tenantId === code.tenantId) : best;
  if (here?.status === 'accepted' || here?.status === 'rejected') return { kind: 'known', key: here };
  if (here?.status === 'preauthorized') return stay(here);

  if (code && certified && !certified.tenantIds.includes(code.tenantId))
    throw new LovelyError('bad-certificate', 'The certificate is not of an authority of the join code’s tenant.');
  const certifiedIn = certified && (code ? code.tenantId : onlyOne(certified.tenantIds));
  if (certified && certifiedIn !== undefined)
    return {
      kind: 'join',
      tenantId: certifiedIn,
      code: code && !code.spent ? code : undefined,
      accept: true,
      mayReplace: certified.namesDevice,
    };

  if (here) {
    const isNewCode = code && code.accept && !code.spent && here.joinCodeId !== code.id;
    return isNewCode
      ? { kind: 'join', tenantId: here.tenantId, code, accept: true, mayReplace: false }
      : { kind: 'known', key: here };
  }
  if (code?.spent !== undefined) {
    if (best?.status === 'accepted') return { kind: 'known', key: best };
    throw new LovelyError('bad-join-code', code.spent);
  }
  return {
    kind: 'join',
    tenantId: code?.tenantId ?? firstTenantId,
    code,
    accept: code?.accept ?? false,
    mayReplace: false,
  };
}

/** Where a device is known in several tenants, the one that let it in is meant. */
const RANK = { accepted: 0, preauthorized: 1, pending: 2, rejected: 3 } as const;

/** A pre-authorised key becomes accepted by asking. */
function stay(key: KnownKey): Joining {
  if (key.status !== 'preauthorized') return { kind: 'known', key };
  return { kind: 'join', tenantId: key.tenantId, code: undefined, accept: true, mayReplace: true };
}

function onlyOne(tenantIds: readonly string[]): string {
  const [first, ...others] = tenantIds;
  if (first === undefined || others.length > 0)
    throw new LovelyError(
      'bad-certificate',
      'Several tenants trust this authority: a join code has to say which is meant.',
    );
  return first;
}
