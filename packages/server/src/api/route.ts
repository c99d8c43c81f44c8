/** Binds an HTTP contract of @lovely/api to its handler: access, input and errors are settled before the handler runs. */
import { BODY_BYTES_MAX, type Body, type Endpoint, type Params, type Query, type Result } from '@lovely/api';
import type { Hono } from 'hono';
import type { z } from 'zod';
import { LovelyError } from '../errors.ts';
import type { AuditObject } from '../domain/audit.ts';
import type { Database } from '../store/store.ts';
import { readJson } from './body.ts';
import { change, type AuditNote, type Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { identify, requireLogin } from './guard.ts';
import { repeatable } from './idempotency.ts';
import { entityTag, isKnown, versionOf } from './preconditions.ts';

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
  /**
   * The version that the change was made from (If-Match); undefined: whatever it is now. A store function changes the row
   * only where it has this version, see store/version.ts. Whoever sends one where no handler reads it is refused.
   */
  readonly ifVersion: number | undefined;
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
    if (access === 'anyone') context.limits.countStranger(request, address);
    const person = access === 'anyone' ? null : await identify(context, request, address);
    if (person && access === 'person' && !endpoint.takesTokens) requireLogin(person);
    const params = readInput(endpoint.params, c.req.param(), '/path');
    const commit = <T>(make: (made: Change) => Promise<T>): Promise<T> =>
      change(context, person!, action!, objectOf(action!, params), make);

    if (person && access !== 'anyone' && access !== 'person' && !person.may(access)) {
      const refusal = new LovelyError('not-allowed');
      throw isChange ? await commit(() => Promise.reject(refusal)) : refusal;
    }
    // All of it is here before a transaction begins: whoever sends slowly keeps no connection to the database.
    const input = {
      person,
      params,
      query: readInput(endpoint.query, c.req.query(), '/query'),
      body: takesBody(endpoint)
        ? readInput(endpoint.body, await readJson(request, endpoint.bodyBytesMax ?? BODY_BYTES_MAX), '')
        : undefined,
      request,
      address,
      setHeader: (name: string, value: string) => c.header(name, value, { append: true }),
    };
    const ifVersion = isChange ? versionOf(request) : undefined;
    const answer = async (made: Change | (typeof NO_CHANGE & { database: Database | null })): Promise<Result<E>> => {
      let isVersionRead = ifVersion === undefined;
      const result = await handle({
        ...input,
        ...made,
        get ifVersion() {
          isVersionRead = true;
          return ifVersion;
        },
      } as Call<E>);
      if (!isVersionRead) throw new LovelyError('bad-request', 'If-Match: there is no version of this to go by.');
      return result;
    };
    const repeat = person && isChange ? repeatable(context.seal, person, request, input.body) : undefined;
    const earlier = await repeat?.findAnswer();
    const make = (): Promise<Result<E>> => {
      if (!person || !isChange) return answer({ ...NO_CHANGE, database: person?.database ?? null });
      return commit((made) => (repeat ? repeat.once(made.database, () => answer(made)) : answer(made)));
    };
    const result: unknown = earlier === undefined ? await make() : JSON.parse(earlier);
    if (endpoint.status === 204) return c.body(null, 204);
    const json = JSON.stringify(result);
    const tag = entityTag(result, json);
    if (tag !== undefined) c.header('etag', tag);
    if (tag !== undefined && !isChange && isKnown(request, tag)) return c.body(null, 304);
    return c.body(json, endpoint.status, { 'content-type': 'application/json' });
  });
}

/** What a call has that changes nothing. */
const NO_CHANGE = { audit: () => undefined, afterCommit: (tell: () => void) => tell() };

/** What a change is of, as far as its path says. */
function objectOf(action: string, params: unknown): AuditObject {
  const { id, key } = params as { id?: string; key?: string };
  return { type: action.split('.')[0]!, id: id ?? key ?? '' };
}

function takesBody(endpoint: Endpoint): boolean {
  return endpoint.body.type !== 'undefined';
}

/** Reads input by its schema. Throws 'bad-input' that says where; an unexpected path id is 'not-found', as it can't name anything. */
export function readInput<S extends z.ZodType>(schema: S, input: unknown, where: string): z.infer<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  if (where === '/path') throw new LovelyError('not-found');
  const issue = result.error.issues[0]!;
  const pointer = [where, ...issue.path.map(String)].join('/');
  throw new LovelyError('bad-input', `${issue.path.join('.') || 'The body'}: ${issue.message}`, { pointer });
}
