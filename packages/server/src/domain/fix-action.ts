/** What a fix does, made ready to run on one house: templates filled, parameters checked, hashes made. */
import { createHash } from 'node:crypto';
import type { Fix, FixAction, FixParameter, FixValue } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { FIX_PARAMETERS_BYTES_MAX } from '../limits.ts';

type Values = Readonly<Record<string, FixValue>>;

/** An action that runs by itself, with nothing left open. */
export type RunnableAction =
  | {
      readonly kind: 'command';
      readonly name: string;
      readonly parameters: Values;
      /** The sensor that carries it out; null: the gateway. */
      readonly sensor: string | null;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'script';
      /** What people call it. */
      readonly name: string;
      readonly interpreter: 'sh';
      readonly content: string;
      readonly sha256: string;
      readonly parameters: Values;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'configuration'; readonly values: Values; readonly timeoutMs: number }
  /** Installs a release, as a deployment to the one house. */
  | { readonly kind: 'update'; readonly artifact: string; readonly timeoutMs: number };

/** How long a house may take to store its configuration and say so. */
const CONFIGURATION_TIMEOUT_MS = 60_000;

/** How long an update may take, with its download over a poor line and whatever it waits for. */
const UPDATE_TIMEOUT_MS = 6 * 3600_000;

export function isRunnable(actions: readonly FixAction[]): boolean {
  return actions.some(runsByItself);
}

/** Throws 'fix-not-runnable', saying why. */
export function requireRunnable({ actions }: Pick<Fix, 'actions'>): void {
  if (!actions.some(runsByItself))
    throw new LovelyError('fix-not-runnable', 'It is only steps for people, or a terminal.');
}

export function sha256Of(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** What a run is about, for the templates. */
export interface FixSubject {
  readonly source: string;
  /** The values of the alert. */
  readonly values: Values;
  /** Whether the alert is of a sensor. */
  readonly isOfSensor: boolean;
}

/**
 * The values of the parameters: what was chosen, else the defaults.
 * Throws 'bad-input' for one that is missing, unknown or not of its type.
 */
export function chosenParameters(declared: readonly FixParameter[], chosen: Values, subject: FixSubject): Values {
  const unknown = Object.keys(chosen).find((name) => !declared.some((one) => one.name === name));
  if (unknown !== undefined) throw bad(unknown, 'This fix has no such parameter.');
  return Object.fromEntries(
    declared.map((parameter) => {
      const { name, title } = parameter;
      const value = chosen[name] ?? filled(parameter.default, subject);
      if (value === null) throw bad(name, `${title} must be given.`);
      return [name, typed(parameter, value)];
    }),
  );
}

function filled(value: FixValue | null, subject: FixSubject): FixValue | null {
  return typeof value === 'string' ? fill(value, namesOf(subject)) : value;
}

function typed({ name, title, type, choices }: FixParameter, value: FixValue): FixValue {
  switch (type) {
    case 'number': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      if (typeof number === 'number' && Number.isFinite(number)) return number;
      throw bad(name, `${title} is a number.`);
    }
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw bad(name, `${title} is true or false.`);
    case 'choice':
      if (choices.includes(String(value))) return String(value);
      throw bad(name, `${title} is one of ${choices.join(', ')}.`);
    case 'text':
      return String(value);
  }
}

/** The actions of a fix that run by themselves, in order. Throws 'fix-not-runnable' or 'bad-input'. */
export function runnableActions(
  fix: Pick<Fix, 'title' | 'actions'>,
  parameters: Values,
  subject: FixSubject,
): RunnableAction[] {
  requireRunnable(fix);
  const names = { ...namesOf(subject), ...parameters };
  const fillAll = (values: Values): Values =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? fill(value, names) : value]),
    );
  const actions = fix.actions.flatMap((action): RunnableAction[] => {
    switch (action.kind) {
      case 'command': {
        if (action.onSensor && !subject.isOfSensor)
          throw new LovelyError('fix-not-runnable', 'It is a command for a sensor, and this problem is of no sensor.');
        const { name, timeoutMs } = action;
        const sensor = action.onSensor ? subject.source : null;
        return [{ kind: 'command', name, parameters: fillAll(action.parameters), sensor, timeoutMs }];
      }
      case 'script': {
        const { interpreter, content, timeoutMs } = action;
        const sha256 = sha256Of(content);
        return [{ kind: 'script', name: fix.title, interpreter, content, sha256, parameters, timeoutMs }];
      }
      case 'configuration':
        return [{ kind: 'configuration', values: fillAll(action.values), timeoutMs: CONFIGURATION_TIMEOUT_MS }];
      case 'update':
        return [{ kind: 'update', artifact: action.artifact, timeoutMs: UPDATE_TIMEOUT_MS }];
      case 'terminal':
        break;
    }
    return [];
  });
  for (const action of actions)
    if (
      (action.kind === 'command' || action.kind === 'script') &&
      Buffer.byteLength(JSON.stringify(action.parameters)) > FIX_PARAMETERS_BYTES_MAX
    )
      throw new LovelyError('fix-not-runnable', 'Its parameters are too long for one message to a house.');
  return actions;
}

function runsByItself({ kind }: FixAction): boolean {
  return kind !== 'terminal';
}

function namesOf({ source, values }: FixSubject): Values {
  return { ...values, source, target: source };
}

/** Unlike a text for people, a command must not run with a {name} that nothing is known for. */
function fill(template: string, values: Values): string {
  return template.replace(/\{([^{}]+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === '')
      throw new LovelyError('fix-not-runnable', `It needs {${name}}, which this problem does not have.`);
    return String(value);
  });
}

function bad(name: string, detail: string): LovelyError {
  return new LovelyError('bad-input', detail, { pointer: `/parameters/${name}` });
}
