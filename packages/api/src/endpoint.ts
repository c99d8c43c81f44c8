/** The form of an HTTP contract: one value that the server routes by, the client calls by and the docs are made of. */
import type { z } from 'zod';
import type { Permission } from './roles.ts';

export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{name}` for each member of `params`. */
  readonly path: string;
  /** One line for the documentation. */
  readonly summary: string;
  /** Who may call it: anyone, whoever is signed in (for their own account), or who has this permission. */
  readonly access: Access;
  /** Access tokens may call it too, though it is about the account ('person'). */
  readonly takesTokens?: true;
  /** What the audit log calls it, as `noun.verb`; every change by a signed-in person has one. Null: it only reads, or writes its own. */
  readonly action?: string | null;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly result: Result;
  /** How large the body may be, where BODY_BYTES_MAX is too little. */
  readonly bodyBytesMax?: number;
  /** The status of success. */
  readonly status: 200 | 201 | 204;
}

export type Access = 'anyone' | 'person' | Permission;

export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

export type Params<E extends Endpoint> = z.infer<E['params']>;
export type Query<E extends Endpoint> = z.infer<E['query']>;
export type Body<E extends Endpoint> = z.infer<E['body']>;
export type Result<E extends Endpoint> = z.infer<E['result']>;
