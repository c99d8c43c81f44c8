/** What every part of the api role works with: made once in api.ts, passed down. */
import type { Permission } from '@lovely/api';
import type { Blobs } from '../blobs/blobs.ts';
import type { Bus } from '../bus/bus.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import type { HistoryRetention } from '../domain/history.ts';
import type { KeyRing } from '../domain/key.ts';
import type { Log } from '../log.ts';
import type { Mailer } from '../mail/mailer.ts';
import type { PasswordCost } from '../password-hash.ts';
import type { Revocations } from '../revocations.ts';
import type { Seal } from '../seal.ts';
import type { Database, Store } from '../store/store.ts';
import type { RequestLimits } from './request-limits.ts';
import type { UserRecord } from '../store/users.ts';
import type { Tokens } from '../tokens.ts';

export interface ApiContext {
  readonly limits: RequestLimits;
  readonly store: Store;
  readonly bus: Bus;
  /** Where the content of artifacts is. */
  readonly blobs: Blobs;
  /** Of links to download artifacts, see download-links.ts. */
  readonly linkKeys: KeyRing;
  readonly tokens: Tokens;
  /** For secrets that go into a table and are read again. */
  readonly seal: Seal;
  readonly revocations: Revocations;
  readonly log: Log;
  /** Undefined where no mail server is configured: links are shown to whoever may pass them on. */
  readonly mailer?: Mailer | undefined;
  /** The tenant that devices join and the first administrator belongs to. */
  readonly firstTenantId: string;
  /** The https origin for gateways and tools. */
  readonly publicUrl: string;
  /** SHA-256 of the CA that signs the server, as hex; undefined where the system's authorities do. */
  readonly caFingerprint?: string | undefined;
  /** Origins that a browser may call from, without a slash at the end. */
  readonly origins: ReadonlySet<string>;
  /** For how long history is kept; as by default, without it. */
  readonly historyDays?: HistoryRetention | undefined;
  /** What a hash of a password takes; as by default, without it. */
  readonly passwordCost?: PasswordCost | undefined;
  /** Whether webhooks may go to private addresses and without TLS. */
  readonly webhooksAllowPrivate: boolean;
  /** Whether sign-in providers may be at private addresses, and on this machine without TLS. */
  readonly oidcAllowPrivate: boolean;
}

/** A signed-in person, as one request sees them. */
export interface Person {
  readonly user: UserRecord;
  /** What the request showed: a sign-in, or a personal access token. */
  readonly via: { readonly kind: 'login' | 'token'; readonly id: string; readonly expiresAtMs: number };
  /** The tenant asks for a second factor and this sign-in had none: nothing is allowed until one is set up. */
  readonly mustSetUpSecondFactor: boolean;
  readonly tenantId: string;
  /** The rows of the person's tenant; PostgreSQL hides the others. */
  readonly database: Database;
  /** True when the browser sent the cookie by itself, so that the request needs an Origin that is ours. */
  readonly byCookie: boolean;
  /** The network address of the caller. */
  readonly address: string;
  /** Whether they hold the permission for anything at all. */
  may(permission: Permission): boolean;
  /** The devices that they hold the permission for. Throws 'not-allowed' when they don't hold it. */
  scope(permission: Permission): DeviceScope;
}
