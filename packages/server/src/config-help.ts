/** Says what the settings are: for `--help`, and for docs/settings.md, which `bun packages/server/src/config-help.ts` writes. */
import { CONFIG_VARIABLE, flagOf, keyOf } from './config-sources.ts';
import { SETTINGS } from './config.ts';

export const SETTINGS_FILE = new URL('../../../docs/settings.md', import.meta.url);

const settings = Object.values(SETTINGS);

export function helpRequested(argv: readonly string[]): boolean {
  return argv.includes('--help') || argv.includes('-h');
}

/** What `--help` prints. */
export function helpText(): string {
  const entries = settings.map(
    ({ name, byDefault, unit, comment }) =>
      `  ${flagOf(name)} <${unit}>\n      ${comment}\n      ${name}, default: ${byDefault}\n`,
  );
  return `Starts the Lovely Smart System: all roles in one process, or those of --roles.

  rotate-keys [--now]  makes new keys for tokens and sealed secrets instead, see docs/operating.md

Settings are flags, environment variables, or members of a JSON file; the first of them that names one wins.

${entries.join('\n')}`;
}

/** The content of docs/settings.md. */
export function settingsDocument(): string {
  const rows = settings.map(({ name, byDefault, unit, comment }) => {
    const key = name === CONFIG_VARIABLE ? '' : ` \`"${keyOf(name)}"\``;
    return `| \`${name}\` \`${flagOf(name)}\`${key} | ${code(byDefault)} | ${unit} | ${escapeCell(comment)} |`;
  });
  return `<!-- Written by packages/server/src/config-help.ts from the catalogue in packages/server/src/config.ts. -->
# Settings of the server

Every setting is a flag (\`--listen 0.0.0.0:443\`), an environment variable (\`LOVELY_LISTEN\`) or a member of a JSON file
(\`{"listen": "0.0.0.0:443"}\`). The first of them that names a setting wins, in this order; one with an empty text doesn't
name it. Relative paths start in the folder that the server is started in. A name that nobody knows, or a value that can't
be used, stops the start with one sentence for each. Passwords and URLs with passwords are never printed.

| setting | default | unit | what it is for |
|---|---|---|---|
${rows.join('\n')}
`;
}

function code(byDefault: string): string {
  return byDefault.includes(' ') ? escapeCell(byDefault) : `\`${byDefault}\``;
}

/** Angle brackets would be HTML. */
function escapeCell(comment: string): string {
  return comment.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('|', '\\|');
}

if (import.meta.main) await Bun.write(SETTINGS_FILE, settingsDocument());
