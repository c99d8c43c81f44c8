/** What is remembered of one subject of a rule between two evaluations; plain data, so that it can be stored. */

export interface Sample {
  readonly atMs: number;
  readonly value: number;
}

export interface Memory {
  /** Of the rule; what was measured for another version counts for nothing. */
  readonly version: number;
  /** When the subject was first looked at. */
  readonly bornMs: number;
  /** Since when it has been bad, while that has not raised an alert yet. */
  readonly sinceMs?: number;
  /** Absence: when a value was last told. */
  readonly lastMs?: number;
  /** Flapping, log and signal: when it last happened, the newest last, as many as the rule counts. */
  readonly times?: readonly number[];
  /** Flapping: how many changes of the reading are counted. */
  readonly changes?: number;
  /** Rate: the values of the window and the one before it, where it changed. */
  readonly samples?: readonly Sample[];
  /** Signal: whether the last one was the bad one. Log: the last line. */
  readonly text?: string;
}
