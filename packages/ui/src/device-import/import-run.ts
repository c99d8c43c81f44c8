/** Imports a CSV file part by part, so that progress shows and each part is a change of its own. */
import { importDevices, type Result } from '@lovely/api';
import { request } from '../api.ts';
import { IMPORT_PART_RECORDS } from '../limits.ts';
import { csvParts } from './csv.ts';

export type ImportResult = Pick<Result<typeof importDevices>, 'devices' | 'created' | 'problems'>;

/** `onProgress` hears how many records are done, of how many. Stops at the first part that can't be sent. */
export async function runImport(csv: string, onProgress: (done: number, of: number) => void): Promise<ImportResult> {
  const parts = csvParts(csv, IMPORT_PART_RECORDS);
  const of = parts.reduce((sum, part) => sum + part.records, 0);
  const total = { devices: 0, created: 0, problems: [] as ImportResult['problems'] };
  let done = 0;
  onProgress(done, of);
  for (const part of parts) {
    const result = await request(importDevices, { body: { csv: part.csv, dryRun: false } });
    total.devices += result.devices;
    total.created += result.created;
    total.problems.push(...result.problems.map((problem) => ({ ...problem, line: part.lineOf(problem.line) })));
    done += part.records;
    onProgress(done, of);
  }
  return total;
}

export function checkImport(csv: string): Promise<ImportResult> {
  return request(importDevices, { body: { csv, dryRun: true } });
}
