/** What the command line takes from its surroundings; the only place that reads the environment. */
import { join } from 'node:path';

export interface Config {
  /** Of the system, as https://localhost:8443; undefined: where somebody has signed in. */
  readonly server: string | undefined;
  /** A personal access token; undefined: what signing in gave. */
  readonly token: string | undefined;
  /** A file with the CA to trust, PEM. */
  readonly caFile: string | undefined;
  /** For `lovely login` in scripts. */
  readonly password: string | undefined;
  /** Where a sign-in is kept. */
  readonly sessionFile: string;
}

export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const folder = env.XDG_CONFIG_HOME ?? join(env.HOME ?? '.', '.config');
  return {
    server: env.LOVELY_SERVER,
    token: env.LOVELY_TOKEN,
    caFile: env.LOVELY_CA,
    password: env.LOVELY_PASSWORD,
    sessionFile: join(folder, 'lovely', 'session.json'),
  };
}
