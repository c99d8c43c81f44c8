/** Binds an HTTP contract of @lovely/api to its handler: access, input and errors are settled before the handler runs. */
import { BODY_BYTES_MAX, type Body, type Endpoint, type Params, type Query, type Result } from '@lovely/api';
import type { Hono } from 'hono';
import type { z } from 'zod';
import { LovelyError } from '../errors.ts';
import { readJson } from './body.ts';
import type { ApiContext, Person } from './context.ts';
import { requirePerson } from './guard.ts';

export interface Call<E extends Endpoint> {
  /** Who calls; null on endpoints that anyone may call. */
  readonly person: E['access'] extends 'anyone' ? null : Person;
  readonly params: Params<E>;
  readonly query: Query<E>;
  readonly body: Body<E>;
  readonly request: Request;
  /** The network address of the caller. */
  readonly address: string;
  /** Sets a header of the answer. */
  setHeader(name: string, value: string): void;
}

export interface HttpEnv {
  Bindings: { address: string };
}
export type Http = Hono<HttpEnv>;

export function route<E extends Endpoint>(
  http: Http,
  context: ApiContext,
  endpoint: E,
  handle: (call: Call<E>) => Promise<Result<E>>,
): void {
  const path = endpoint.path.replace(/\{(\w+)\}/g, ':$1');
  http.on(endpoint.method, path, async (c) => {
    const request = c.req.raw;
    const person = endpoint.access === 'anyone' ? null : await requirePerson(context, request, endpoint.access);
    const call = {
      person,
      params: check(endpoint.params, c.req.param(), '/path'),
      query: check(endpoint.query, c.req.query(), '/query'),
      body: takesBody(endpoint) ? check(endpoint.body, await readJson(request, BODY_BYTES_MAX), '') : undefined,
      request,
      address: c.env.address,
      setHeader: (name: string, value: string) => c.header(name, value, { append: true }),
    } as Call<E>;
    const result = await handle(call);
    return endpoint.status === 204 ? c.body(null, 204) : c.json(result as object, endpoint.status);
  });
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
