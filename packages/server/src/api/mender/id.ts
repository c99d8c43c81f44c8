/** Ids in Mender's paths. */
import { z } from 'zod';
import { LovelyError } from '../../errors.ts';

const uuid = z.uuid();

/** An id that isn't a UUID names nothing: throws 'not-found'. */
export function readId(text: string): string {
  if (!uuid.safeParse(text).success) throw new LovelyError('not-found');
  return text;
}
