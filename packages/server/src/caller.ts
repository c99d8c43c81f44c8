/** Who sent a request: the other end of the connection or, where that is a proxy of ours, whom the proxy names. */
import { readAddress, type Networks } from './network.ts';

export interface Caller {
  /** The network address, in its canonical spelling. */
  readonly address: string;
  /** Whether something in between says so in a header: then the caller is not the machine that we talk to. */
  readonly isForwarded: boolean;
}

const CHAIN_LENGTH_MAX = 50;
/** What a proxy that ends TLS tells of a client's certificate (RFC 9440); nobody else may say it. */
const PROXY_ONLY_HEADERS = ['client-cert', 'client-cert-chain'] as const;

/**
 * Reads X-Forwarded-For or Forwarded (RFC 7239) of a trusted proxy: the rightmost address that is no proxy of ours, since
 * whatever stands left of it was sent by that address itself. If both headers are there and disagree, one of them comes
 * from the caller, so neither is believed. Takes headers away that only a trusted proxy may set.
 * @param peer the address at the other end of the connection
 */
export function identifyCaller(request: Request, peer: string, trusted: Networks): Caller {
  const { headers } = request;
  const isForwarded = headers.has('x-forwarded-for') || headers.has('forwarded');
  const own = readAddress(peer) ?? peer;
  if (!trusted.has(own)) {
    for (const name of PROXY_ONLY_HEADERS) headers.delete(name);
    return { address: own, isForwarded };
  }
  const named = [headers.get('x-forwarded-for'), forwardedFor(headers.get('forwarded'))]
    .filter((list) => list !== null)
    .map((list) => rightmostStranger(list, own, trusted));
  const address = named.every((one) => one === named[0]) ? named[0] : undefined;
  return { address: address ?? own, isForwarded };
}

/** From the right, through proxies of ours, to the first that isn't; what can't be read ends the way. */
function rightmostStranger(list: string, peer: string, trusted: Networks): string {
  let address = peer;
  for (const entry of list.split(',').slice(-CHAIN_LENGTH_MAX).toReversed()) {
    const next = readAddress(withoutPort(entry.trim()));
    if (next === undefined) return address;
    address = next;
    if (!trusted.has(address)) return address;
  }
  return address;
}

/** The `for` of each element of a Forwarded header, in the form of X-Forwarded-For. */
function forwardedFor(header: string | null): string | null {
  if (header === null) return null;
  return header
    .split(',')
    .map((element) => /(?:^|;)\s*for=(?:"([^"]*)"|([^;\s]*))/i.exec(element))
    .map((match) => match?.[1] ?? match?.[2] ?? '')
    .join(',');
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711`, as some proxies write. */
function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text);
  return bracketed?.[1] ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, '$1');
}
