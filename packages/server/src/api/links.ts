/** Links that work once: their code stands in the fragment, which browsers send to nobody. */
import type { ApiContext } from './context.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * The link of a code. What goes to somebody else's machine has the public address, whatever address the request came to,
 * since that can be made up. Only a system that has no address but this machine's own is shown as the browser knows it.
 * @param request of whoever the link is shown to
 */
export function linkTo(
  { publicUrl, origins }: Pick<ApiContext, 'publicUrl' | 'origins'>,
  page: 'invite' | 'reset',
  code: string,
  request?: Request,
): string {
  const origin = request?.headers.get('origin');
  const isLocal = LOOPBACK.test(new URL(publicUrl).hostname);
  return `${isLocal && origin && origins.has(origin) ? origin : publicUrl}/${page}#${code}`;
}
