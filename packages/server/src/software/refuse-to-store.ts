import { BlobError } from '../blobs/blobs.ts';
import { LovelyError } from '../errors.ts';

/** What is wrong with the place where blobs are, in words for who sends one. */
export function refuseToStore(error: unknown): never {
  if (error instanceof BlobError && error.code === 'too-large')
    throw new LovelyError('storage-limit', 'It is larger than what is left.', { cause: error });
  if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as NodeJS.ErrnoException).code ?? ''))
    throw new LovelyError('storage-full', undefined, { cause: error });
  throw error;
}
