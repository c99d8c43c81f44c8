/** A call as a line for the shell. */
import type { Operation } from './open-api.ts';

/** `body` is undefined where the operation takes none. The token stands in a variable, so that it is in no history. */
export function curlOf({ method, path, parameters }: Operation, origin: string, body: unknown): string {
  const query = parameters
    .filter((parameter) => parameter.in === 'query' && parameter.required)
    .map(({ name }) => `${name}=…`)
    .join('&');
  return [
    `curl${method === 'GET' ? '' : ` -X ${method}`} '${origin}${path}${query === '' ? '' : `?${query}`}'`,
    `-H "Authorization: Bearer $TOKEN"`,
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`]),
  ].join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
