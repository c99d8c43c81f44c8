/** What we ask of an OpenID Connect provider: where to send a browser, and who it was that came back. */
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  ClientSecretPost,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type ClientAuth,
  type Configuration,
} from 'openid-client';
import { OIDC_DISCOVERY_MS, OIDC_PROVIDERS_KEPT_MAX } from '../limits.ts';
import { createOidcFetch } from './oidc-fetch.ts';

/** What a provider needs to know us by. */
export interface OidcClientSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** What is kept from sending a browser away until it comes back. */
export interface OidcExchange {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
}

export interface OidcPerson {
  /** What the provider calls the person, for ever. */
  readonly subject: string;
  readonly email: string | undefined;
  /** Whether the provider says that the address is the person's. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
}

/** Everything throws an Error that says what the provider did wrong. */
export interface OidcClient {
  /** Reads the provider's description afresh. */
  check(settings: OidcClientSettings): Promise<void>;
  authorizationUrl(settings: OidcClientSettings, exchange: OidcExchange): Promise<URL>;
  /** @param search what the provider added to our redirect URI */
  identify(settings: OidcClientSettings, exchange: OidcExchange, search: string): Promise<OidcPerson>;
}

export function createOidcClient(allowPrivate: boolean): OidcClient {
  const fetch = createOidcFetch(allowPrivate);
  const known = new Map<string, { readonly configuration: Promise<Configuration>; readonly untilMs: number }>();

  async function discover({ issuer, clientId, clientSecret }: OidcClientSettings): Promise<Configuration> {
    const execute = [
      // The signature of an ID token is checked too, and not only whom we got it from.
      enableNonRepudiationChecks,
      ...(allowPrivate && issuer.startsWith('http:') ? [allowInsecureRequests] : []),
    ];
    return await discovery(new URL(issuer), clientId, clientSecret, authenticateWith(clientSecret), {
      [customFetch]: fetch,
      execute,
    });
  }

  function find(settings: OidcClientSettings): Promise<Configuration> {
    const key = JSON.stringify([settings.issuer, settings.clientId, settings.clientSecret]);
    const found = known.get(key);
    if (found && found.untilMs > Date.now()) return found.configuration;
    if (known.size >= OIDC_PROVIDERS_KEPT_MAX) known.clear();
    const configuration = discover(settings);
    known.set(key, { configuration, untilMs: Date.now() + OIDC_DISCOVERY_MS });
    configuration.catch(() => known.delete(key));
    return configuration;
  }

  return {
    check: async (settings) => void (await discover(settings)),
    async authorizationUrl(settings, { state, nonce, codeVerifier, redirectUri }) {
      return buildAuthorizationUrl(await find(settings), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state,
        nonce,
        code_challenge: await calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
      });
    },
    async identify(settings, { state, nonce, codeVerifier, redirectUri }, search) {
      const configuration = await find(settings);
      const tokens = await authorizationCodeGrant(configuration, new URL(redirectUri + search), {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const inToken = tokens.claims()!;
      // Many providers tell the address at this endpoint only.
      const claims: Record<string, unknown> =
        inToken.email !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined
          ? inToken
          : await fetchUserInfo(configuration, tokens.access_token, inToken.sub);
      return {
        subject: inToken.sub,
        email: typeof claims.email === 'string' ? claims.email : undefined,
        // Some write it as text.
        isEmailVerified: claims.email_verified === true || claims.email_verified === 'true',
        name: typeof claims.name === 'string' ? claims.name : undefined,
      };
    },
  };
}

/** With the secret in the way that the provider takes; in a header where it takes both, as is the default. */
function authenticateWith(clientSecret: string): ClientAuth {
  const [basic, post] = [ClientSecretBasic(clientSecret), ClientSecretPost(clientSecret)];
  return (server, client, body, headers) => {
    const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    return (ways.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}
