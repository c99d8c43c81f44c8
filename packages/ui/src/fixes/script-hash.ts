/** SHA-256 in hex: what the gateway compares before it runs a script. Undefined where the page may not compute it. */
export async function scriptHash(content: string): Promise<string | undefined> {
  // Only pages that came over TLS or from this very machine have it.
  if (!('subtle' in crypto)) return undefined;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(content));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
