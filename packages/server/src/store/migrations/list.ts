/** Every migration in order; a landed one never changes. */
import type { Migration } from 'kysely/migration';
import { up as foundation } from './0001-foundation.ts';
import { up as rowLevelSecurity } from './0002-row-level-security.ts';

export const migrations: Record<string, Migration> = {
  '0001-foundation': { up: foundation },
  '0002-row-level-security': { up: rowLevelSecurity },
};
