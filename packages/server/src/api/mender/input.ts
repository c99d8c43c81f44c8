/** Input of Mender's tools: what doesn't fit is a 400 that says where. */
import type { z } from 'zod';
import { BODY_BYTES_MAX } from '@lovely/api';
import { LovelyError } from '../../errors.ts';
import { readJson } from '../body.ts';

/** Throws 'bad-request'. */
export function readInput<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new LovelyError('bad-request', `${issue.path.join('.') || 'The input'}: ${issue.message}`);
}

/** A JSON body. Throws 'bad-json', 'bad-request' or 'body-too-large'. */
export async function readBody<S extends z.ZodType>(
  request: Request,
  schema: S,
  bytesMax: number = BODY_BYTES_MAX,
): Promise<z.infer<S>> {
  return readInput(schema, await readJson(request, bytesMax));
}
