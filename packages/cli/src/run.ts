/** Carries out one command line. */
import { ApiError, call } from '@lovely/api';
import { ARTIFACT_HELP, artifactCommand } from './artifact.ts';
import type { Config } from './config.ts';
import { findOperation, membersOf, OPERATIONS, readInput } from './operation.ts';
import { show } from './print.ts';
import { fetchTrusting, forgetSession, keepSession, openSession, readCa } from './session.ts';
import { SOFTWARE_COMMANDS, SOFTWARE_HELP, softwareCommand } from './software.ts';
import { UsageError } from './usage-error.ts';

export interface Terminal {
  out(text: string): void;
  complain(text: string): void;
}

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

/** Returns the exit status: 0, 1 when the server refused, 2 for a command that can't be understood. */
export async function run(words: readonly string[], config: Config, terminal: Terminal): Promise<number> {
  const asJson = words.includes('--json');
  const [command = 'help', ...rest] = words.filter((word) => word !== '--json');
  try {
    terminal.out(await carryOut(command, rest, config, asJson, (text) => terminal.complain(text)));
    return 0;
  } catch (error) {
    terminal.complain(describe(error));
    return error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
  }
}

/** @param tell says how far something is */
async function carryOut(
  command: string,
  words: readonly string[],
  config: Config,
  asJson: boolean,
  tell: (text: string) => void,
): Promise<string> {
  if (command === 'help' || command === '--help') return help(words[0]);
  if (command === 'login') return await logIn(words, config);
  if (command === 'logout') return await logOut(config);
  if (command === 'artifact' && SOFTWARE_COMMANDS.has(words[0] ?? ''))
    return await softwareCommand(words, { session: await openSession(config), asJson, tell });
  if (command === 'artifact') return await artifactCommand(words, asJson);
  const operation = findOperation(command);
  const input = readInput(operation, words);
  const { server, token, ca } = await openSession(config);
  const headers = { authorization: `Bearer ${token}` };
  return show(await call(fetchTrusting(ca), server, operation.endpoint, input, headers), asJson);
}

/** Signs in with e-mail and password, and the code of a second factor where there is one. */
async function logIn([server, email, code]: readonly string[], config: Config): Promise<string> {
  if (!server || !email) throw new UsageError('lovely login https://your-server you@example.com [code]');
  const password = config.password ?? prompt('Password:');
  if (!password) throw new UsageError('A password is needed: type it, or give it in LOVELY_PASSWORD.');
  const origin = new URL(server).origin;
  const ca = config.caFile === undefined ? undefined : await readCa(config.caFile);
  const response = await fetchTrusting(ca)(`${origin}/api/management/v1/useradm/auth/login`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}` },
    ...(code === undefined ? {} : { body: JSON.stringify({ token2fa: code }) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error((JSON.parse(text) as { error: string }).error);
  await keepSession(config.sessionFile, { server: origin, token: text, ca });
  return `Signed in to ${origin} as ${email}.`;
}

async function logOut(config: Config): Promise<string> {
  const { server, token, ca } = await openSession(config);
  await forgetSession(config.sessionFile);
  const headers = { authorization: `Bearer ${token}` };
  await call(fetchTrusting(ca), server, findOperation('delete-login').endpoint, {}, headers);
  return `Signed out of ${server}.`;
}

function help(name: string | undefined): string {
  if (name === 'artifact') return `${ARTIFACT_HELP}\n${SOFTWARE_HELP}`;
  if (name === undefined) {
    const width = Math.max(...OPERATIONS.map((operation) => operation.name.length));
    return [
      'lovely login SERVER E-MAIL [CODE]   lovely logout   lovely COMMAND [name=value …] [--json]   lovely help COMMAND',
      'lovely artifact write|read|validate|upload|list|show|download|delete …  (lovely help artifact)',
      '',
      ...OPERATIONS.map((operation) => `  ${operation.name.padEnd(width)}  ${operation.endpoint.summary}`),
      '',
      'LOVELY_SERVER, LOVELY_TOKEN (a personal access token) and LOVELY_CA stand for signing in.',
    ].join('\n');
  }
  const { endpoint } = findOperation(name);
  const takes = (['params', 'query', 'body'] as const).flatMap((part) => membersOf(endpoint, part));
  return `${endpoint.summary}.\nTakes: ${takes.join(', ') || 'nothing'}.\nNeeds: ${endpoint.access}.`;
}

function describe(error: unknown): string {
  if (error instanceof ApiError) {
    const { detail, code, requestId } = error.problem;
    return `${detail} (${code}${requestId ? `, request ${requestId}` : ''})`;
  }
  return error instanceof Error ? error.message : String(error);
}
