/** Binds an HTTP contract of @lovely/api to its handler: access, input and errors are settled before the handler runs. */
import { BODY_BYTES_MAX, type Body, type Endpoint, type Params, type Query, type Result } from '@lovely/api';
import type { Hono } from 'hono';
import type { z } from 'zod';
import { LovelyError } from '../errors.ts';
import type { AuditObject } from '../domain/audit.ts';
import type { Database } from '../store/store.ts';
import { readJson } from './body.ts';
import { change, type AuditNote } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { identify } from './guard.ts';

export interface Call<E extends Endpoint> {
  /** Who calls; null on endpoints that anyone may call. */
  readonly person: E['access'] extends 'anyone' ? null : Person;
  /** The rows of the person's tenant, in the transaction of the change if it is one; null where anyone may call. */
  readonly database: E['access'] extends 'anyone' ? null : Database;
  readonly params: Params<E>;
  readonly query: Query<E>;
  readonly body: Body<E>;
  readonly request: Request;
  /** The network address of the caller. */
  readonly address: string;
  /** Sets a header of the answer. */
  setHeader(name: string, value: string): void;
  /** Says what was changed, for the audit log; without it, that is the object in the path. */
  audit(note: AuditNote): void;
  /** Runs once the change is committed; at once where there is none. */
  afterCommit(tell: () => void): void;
}

export interface HttpEnv {
  Bindings: { address: string };
}
export type Http = Hono<HttpEnv>;

/** Throws for a contract of a change that doesn't say what the audit log calls it. */
export function route<E extends Endpoint>(
  http: Http,
  context: ApiContext,
  endpoint: E,
  handle: (call: Call<E>) => Promise<Result<E>>,
): void {
  const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
  const { access, action } = endpoint;
  const isChange = endpoint.method !== 'GET' && access !== 'anyone' && action !== null;
  if (isChange && action === undefined) throw new Error(`${endpoint.method} ${endpoint.path} needs an action.`);
  http.on(endpoint.method, path, async (c) => {
    const request = c.req.raw;
    const { address } = c.env;
    const person = access === 'anyone' ? null : await identify(context, request, address);
    const params = check(endpoint.params, c.req.param(), '/path');

    const answer = async (change: Pick<Call<E>, 'database' | 'audit' | 'afterCommit'>): Promise<Result<E>> => {
      if (person && access !== 'anyone' && access !== 'person') person.scope(access);
      return await handle({
        person,
        params,
        query: check(endpoint.query, c.req.query(), '/query'),
        body: takesBody(endpoint) ? check(endpoint.body, await readJson(request, BODY_BYTES_MAX), '') : undefined,
        request,
        address,
        setHeader: (name: string, value: string) => c.header(name, value, { append: true }),
        ...change,
      } as Call<E>);
    };

    const result =
      person && isChange
        ? await change(context, person, action!, objectOf(action!, params), (made) => answer(made as never))
        : await answer({
            database: person?.database ?? null,
            audit: () => undefined,
            afterCommit: (tell: () => void) => tell(),
          } as never);
    return endpoint.status === 204 ? c.body(null, 204) : c.json(result as object, endpoint.status);
  });
}

/** What a change is of, as far as its path says. */
function objectOf(action: string, params: unknown): AuditObject {
  const { id = '' } = params as { id?: string };
  return { type: action.split('.')[0]!, id };
}

function takesBody(endpoint: Endpoint): boolean {
  return endpoint.body.type !== 'undefined';
}

/** Reads input by its schema; an unexpected path id is 'not-found', as it can't name anything. */
function check<S extends z.ZodType>(schema: S, input: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  if (where === '/path') throw new LovelyError('not-found');
  const issue = result.error.issues[0]!;
  const pointer = [where, ...issue.path.map(String)].join('/');
  throw new LovelyError('bad-input', `${issue.path.join('.') || 'The body'}: ${issue.message}`, { pointer });
}
