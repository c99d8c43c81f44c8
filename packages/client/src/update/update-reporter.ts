/** Tells the server of one attempt: states and logs through the spool, so that they survive; progress only while it listens. */
import {
  TEXT_LENGTH_MAX,
  NAME_LENGTH_MAX,
  UPDATE_LOG_LINES_MAX,
  updateLog,
  updateProgress,
  updateState,
  type SensorUpdate,
  type UpdateLogLine,
  type UpdateReport,
} from '@lovely/protocol';
import type { Link } from '../connection.ts';
import type { Submit } from '../outbox.ts';

export type ReportParts = Omit<UpdateReport, 'deployment' | 'attempt' | 'atMs'>;

export interface UpdateReporterOptions {
  readonly attempt: Pick<UpdateReport, 'deployment' | 'attempt'>;
  readonly submit: Submit;
  readonly link: () => Link | undefined;
  readonly nowMs: () => number;
  /** The last report, which answers later offers of the attempt. */
  ended(report: UpdateReport): void;
}

export class UpdateReporter {
  readonly #options: UpdateReporterOptions;
  #last: ReportParts | undefined;

  constructor(options: UpdateReporterOptions) {
    this.#options = options;
  }

  /** Nothing is told twice in a row. */
  state(parts: ReportParts): void {
    if (JSON.stringify(parts) === JSON.stringify(this.#last)) return;
    this.#last = parts;
    this.repeat();
  }

  /** The present state once more, for whoever asks. */
  repeat(): void {
    if (this.#last) this.#submit(this.#last);
  }

  end(parts: ReportParts): void {
    this.#last = parts;
    this.#options.ended(this.#submit(parts));
  }

  log(lines: readonly UpdateLogLine[]): void {
    const { attempt, submit } = this.#options;
    for (let at = 0; at < lines.length; at += UPDATE_LOG_LINES_MAX) {
      const part = lines
        .slice(at, at + UPDATE_LOG_LINES_MAX)
        .map((line) => ({ ...line, message: text(line.message, TEXT_LENGTH_MAX) }));
      submit((id) => updateLog.frame({ id }, { ...attempt, lines: part }));
    }
  }

  progress(percent: number, bytes: number, sensors: readonly SensorUpdate[] | undefined): void {
    const { attempt, link } = this.#options;
    const news = { ...attempt, percent, bytes, ...(sensors ? { sensors: [...sensors] } : {}) };
    link()?.send(updateProgress.frame({}, news));
  }

  #submit({ substate, cause, ...parts }: ReportParts): UpdateReport {
    const { attempt, submit, nowMs } = this.#options;
    const report: UpdateReport = {
      ...attempt,
      ...parts,
      atMs: Math.max(0, Math.round(nowMs())),
      ...(substate === undefined ? {} : { substate: text(substate, TEXT_LENGTH_MAX) }),
      ...(cause === undefined
        ? {}
        : {
            cause: {
              code: cause.code,
              step: text(cause.step, NAME_LENGTH_MAX) || 'unknown',
              message: text(cause.message, TEXT_LENGTH_MAX),
            },
          }),
    };
    submit((id) => updateState.frame({ id }, report));
    return report;
  }
}

/** Programs may print anything. */
function text(value: string, lengthMax: number): string {
  return value.replaceAll('\0', '').slice(0, lengthMax);
}
