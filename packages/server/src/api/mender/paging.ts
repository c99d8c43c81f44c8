/** Pages as Mender's clients ask for them: numbered from 1, told with Link and X-Total-Count (COMPAT section 3). */
import { z } from 'zod';
import { LovelyError } from '../../errors.ts';

const PER_PAGE_DEFAULT = 20;
const PER_PAGE_MAX = 500;

const query = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  per_page: z.coerce.number().int().min(1).max(PER_PAGE_MAX).default(PER_PAGE_DEFAULT),
});

export interface PageRequest {
  readonly page: number;
  readonly perPage: number;
}

export function readPage(from: Record<string, string>): PageRequest {
  const parsed = query.safeParse(from);
  if (!parsed.success) throw new LovelyError('bad-request', `page counts from 1, per_page is 1 to ${PER_PAGE_MAX}.`);
  return { page: parsed.data.page, perPage: parsed.data.per_page };
}

/** The headers that go with one page of a list of `total`. */
export function pageHeaders(url: string, { page, perPage }: PageRequest, total: number): Record<string, string> {
  const { pathname, searchParams } = new URL(url);
  const last = Math.max(1, Math.ceil(total / perPage));
  const link = (to: number, rel: string): string => {
    const query = new URLSearchParams(searchParams);
    query.set('page', String(to));
    query.set('per_page', String(perPage));
    return `<${pathname}?${query.toString()}>; rel="${rel}"`;
  };
  const links = [
    link(1, 'first'),
    ...(page > 1 ? [link(page - 1, 'prev')] : []),
    ...(page < last ? [link(page + 1, 'next')] : []),
    link(last, 'last'),
  ];
  return { link: links.join(', '), 'x-total-count': String(total) };
}
