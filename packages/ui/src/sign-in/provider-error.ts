/** Why signing in through another system failed: the server leads back to `/sign-in#oidc=<code>`. */
const WORDS: Readonly<Record<string, string>> = {};

export function providerErrorFromHash(hash: string): Error | undefined {
  const code = /^#oidc=([a-z-]+)$/.exec(hash)?.[1];
  return code === undefined
    ? undefined
    : new Error(WORDS[code] ?? 'That did not work. Try again, or take another way.');
}
