/**
 * A CSV file of devices to pre-authorise. The first line names the columns: `identity.<name>`, one or more, and
 * `public_key` (PEM, or the base64 within it), then, as wanted, `name`, `address`, `latitude`, `longitude` and `tags` with
 * semicolons between. Whatever stands in a field is text and nothing else.
 */
import { devicePatch, IMPORT_LINES_MAX, type DevicePatch } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { CsvError, parseCsv, type CsvRow } from './csv.ts';
import { identityHash, parseIdentity, parsePublicKey, type Identity, type PublicKey } from './identity.ts';

export interface FileDevice extends DevicePatch {
  readonly line: number;
  readonly identity: Identity;
  readonly key: PublicKey;
}

export interface FileProblem {
  readonly line: number;
  readonly column: string | null;
  readonly reason: string;
}

const PLAIN_COLUMNS = ['public_key', 'name', 'address', 'latitude', 'longitude', 'tags'] as const;
const IDENTITY_PREFIX = 'identity.';
const ROWS_AT_ONCE = 100;

/**
 * Reads a whole file; a line that is no good is a problem. Reading a key takes a tenth of a millisecond, so it makes room
 * for others now and then. Throws 'bad-input' for a file that is no good as a whole.
 */
export async function readDeviceFile(csv: string): Promise<{ devices: FileDevice[]; problems: FileProblem[] }> {
  const [header, ...rows] = readRows(csv);
  if (!header) throw bad('The file is empty: its first line names the columns.');
  const columns = header.fields.map((field) => field.trim());
  checkColumns(columns);
  if (rows.length > IMPORT_LINES_MAX)
    throw bad(`The file has ${rows.length} devices, ${IMPORT_LINES_MAX} are allowed at once.`);
  const devices: FileDevice[] = [];
  const problems: FileProblem[] = [];
  const lines = new Map<string, number>();
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
    try {
      const device = readDevice(columns, row);
      const hash = identityHash(device.identity).toString('hex');
      const before = lines.get(hash);
      if (before !== undefined) throw new LineError(null, `the same identity stands in line ${before}`);
      lines.set(hash, row.line);
      devices.push(device);
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      problems.push({ line: row.line, column: error.column, reason: error.message });
    }
  }
  return { devices, problems };
}

class LineError extends Error {
  readonly column: string | null;

  constructor(column: string | null, message: string) {
    super(message);
    this.column = column;
  }
}

function readRows(csv: string): CsvRow[] {
  try {
    return [...parseCsv(csv)];
  } catch (error) {
    if (error instanceof CsvError) throw bad(`Line ${error.line}: ${error.message}.`);
    throw error;
  }
}

function checkColumns(columns: readonly string[]): void {
  for (const [index, column] of columns.entries()) {
    const isIdentity = column.startsWith(IDENTITY_PREFIX) && column.length > IDENTITY_PREFIX.length;
    if (!isIdentity && !PLAIN_COLUMNS.some((known) => known === column))
      throw bad(
        `Nobody knows the column "${column.slice(0, 80)}"; there are identity.<name>, ${PLAIN_COLUMNS.join(', ')}.`,
      );
    if (columns.indexOf(column) !== index) throw bad(`The column "${column}" stands twice.`);
  }
  if (!columns.some((column) => column.startsWith(IDENTITY_PREFIX))) throw bad('No column is an identity.<name>.');
  if (!columns.includes('public_key')) throw bad('There is no column public_key.');
}

function readDevice(columns: readonly string[], { line, fields }: CsvRow): FileDevice {
  if (fields.length !== columns.length)
    throw new LineError(null, `${fields.length} fields, but the first line names ${columns.length}`);
  const values = new Map(columns.map((column, index) => [column, fields[index]!.trim()]));
  const identity = Object.fromEntries(
    [...values].flatMap(([column, value]) =>
      column.startsWith(IDENTITY_PREFIX) && value !== '' ? [[column.slice(IDENTITY_PREFIX.length), value]] : [],
    ),
  );
  const patch = {
    ...given('name', values),
    ...given('address', values),
    ...(values.get('tags')
      ? {
          tags: values
            .get('tags')!
            .split(';')
            .map((tag) => tag.trim())
            .filter(Boolean),
        }
      : {}),
    ...readLocation(values),
  };
  const checked = devicePatch.safeParse(patch);
  if (!checked.success) {
    const { path, message } = checked.error.issues[0]!;
    const column = path[0] === 'location' ? String(path[1]) : String(path[0]);
    throw new LineError(column, message);
  }
  return {
    line,
    ...checked.data,
    identity: told(null, () => parseIdentity(JSON.stringify(identity))),
    key: told('public_key', () => parsePublicKey(pemOf(values.get('public_key')!))),
  };
}

function given(column: 'name' | 'address', values: ReadonlyMap<string, string>): { [column: string]: string } {
  const value = values.get(column);
  return value ? { [column]: value } : {};
}

function readLocation(values: ReadonlyMap<string, string>): { location?: { latitude: number; longitude: number } } {
  const [latitude = '', longitude = ''] = [values.get('latitude'), values.get('longitude')];
  if (latitude === '' && longitude === '') return {};
  for (const [column, value] of [
    ['latitude', latitude],
    ['longitude', longitude],
  ] as const)
    if (!/^-?\d+(\.\d+)?$/.test(value)) throw new LineError(column, 'is not a number of degrees, as 52.52');
  return { location: { latitude: Number(latitude), longitude: Number(longitude) } };
}

/** A spreadsheet's cell rather holds the base64 alone than PEM's lines. */
function pemOf(text: string): string {
  if (text.includes('-----BEGIN')) return text.replaceAll('\\n', '\n');
  return `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----\n`;
}

function told<T>(column: string | null, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof LovelyError) throw new LineError(column, error.message);
    throw error;
  }
}

function bad(why: string): LovelyError {
  return new LovelyError('bad-input', why, { pointer: '/csv' });
}
