/** What this program calls itself towards the server. */
import manifest from '../package.json' with { type: 'json' };

export const CLIENT_NAME = 'nice-smart-client';
export const CLIENT_VERSION: string = manifest.version;
