/** What a message about a bundle of alerts is made of. */
import type { Severity } from '@lovely/api';

/** What somebody may know of a bundle. */
export interface BundleFacts {
  readonly rule: string;
  readonly title: string;
  readonly severity: Severity;
  readonly cause: string;
  readonly suggestion: readonly string[];
  /** As "around Milan", of an incident. */
  readonly place: string;
  readonly incidentId: string | null;
  readonly alerts: number;
  readonly houses: number;
  readonly open: number;
  /** Open, and nobody looks after them. */
  readonly waiting: number;
  /** Open, and no message to this recipient was about them. */
  readonly fresh: number;
  readonly firstOpenedAt: Date;
  readonly lastClosedAt: Date | null;
  readonly examples: readonly AlertExample[];
}

export interface AlertExample {
  readonly id: string;
  readonly deviceId: string;
  readonly deviceName: string;
  readonly deviceAddress: string;
  readonly source: string;
  readonly severity: Severity;
  readonly description: string;
  readonly values: Readonly<Record<string, string | number | boolean>>;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
}
