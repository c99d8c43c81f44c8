/**
 * Why an update failed, found in the log of a gateway that does not say: Mender's clients send a log and nothing else. The
 * first error counts: what comes after it follows from it.
 */
import type { LogLine, UpdateCauseFound } from '@lovely/api';
import type { UpdateCause } from '@lovely/protocol';
import { FAILURE_LINES_AFTER, FAILURE_LINES_BEFORE, FAILURE_MESSAGE_LENGTH_MAX } from '../software-limits.ts';

/** In this order: a full disk also makes a module fail. */
const SIGNS: readonly (readonly [RegExp, UpdateCause])[] = [
  [/no space left on device|not enough (free )?space|disk quota exceeded|ENOSPC/i, 'no-space'],
  [/expecting signed artifact, but no signature|artifact is not signed|no signature found/i, 'unsigned'],
  [
    /signature verification failed|(invalid|failed to verify|verify(ing)?( the)? artifact) signature|crypto\/rsa: verification error/i,
    'bad-signature',
  ],
  [
    /not compatible with (this )?device|compatible device list|device type .* not (in|compatible)/i,
    'wrong-device-type',
  ],
  [
    /artifact[ _]?depend|depend(s|encies|ency)?\b.*(not (satisfied|met|provided)|missing|unsatisfied)/i,
    'missing-depends',
  ],
  [
    /module could not be executed|update module.*(is not executable|not found|does not exist|not exist|could not be (opened|executed))|no (update )?module for|cannot load handler|unknown (update|artifact|payload) type|unsupported (update|artifact|payload) type|modules\/v3\/\S+: no such file/i,
    'missing-module',
  ],
  [/checksum (mismatch|does not match|failed)|(invalid|wrong|mismatching) checksum|integrity check/i, 'bad-checksum'],
  [/state transition loop|update loop|loop detected/i, 'loop'],
  [/statescript:|script failed|error executing '?\w+_(Enter|Leave|Error)/i, 'script-failed'],
  [/timed? ?out|deadline exceeded|took longer than/i, 'timed-out'],
  [/verify ?reboot|reboot to (the )?new|reboot.*(failed|did not)|not running rootfs from/i, 'reboot-failed'],
  [
    /(read-only|readonly) file system|input\/output error|could not (store|write) state|failed to (store|write) .*state/i,
    'disk-failed',
  ],
  [
    /connection (refused|reset|timed)|unexpected EOF|(fetch|download)\w* (of )?(the )?(update|artifact|image).*(failed|error)|(can ?not|failed to|unable to) (fetch|download)|received invalid response status|resume.*(failed|given up)/i,
    'download-failed',
  ],
  [
    /(malformed|invalid|corrupt|broken|unexpected|error reading|failed to read|can not read|cannot read).*(artifact|header|manifest|tar|archive)|(artifact|header|manifest|tar).*(malformed|invalid|corrupt)/i,
    'bad-artifact',
  ],
  [/update module terminated|module.*(exit status|failed|abnormally)|exit status \d+|signal: \w+/i, 'module-failed'],
];

/** Errors of the reporting itself, which every failed update may have. */
const IS_NOISE =
  /update check failed|failed to (report|send|upload)|could not (report|send)|reporting|deployment log|inventory|Authorize failed/i;
const STEP =
  /\b(Download|Sync|Artifact(?:Install|Reboot|VerifyReboot|Commit|RollbackReboot|VerifyRollbackReboot|Rollback|Failure))(?:_(Enter|Leave|Error))?/;
const TRANSITION = /State transition: .*->\s*(\S+) \[([^\]]+)\]/;

/** Where in the log it went wrong; -1 when nothing in it is an error. */
function indexOfFailure(lines: readonly LogLine[]): number {
  const isError = ({ level, message }: LogLine): boolean => level === 'error' && !IS_NOISE.test(message);
  const first = lines.findIndex(isError);
  if (first >= 0) return first;
  return lines.findIndex(({ level, message }) => level === 'warning' && SIGNS.some(([sign]) => sign.test(message)));
}

/** Undefined for a log in which nothing is an error. */
export function findFailureCause(lines: readonly LogLine[]): UpdateCauseFound | undefined {
  const at = indexOfFailure(lines);
  if (at < 0) return undefined;
  // What a module or script printed before it failed often says more than the error itself.
  const near = [lines[at]!, ...lines.slice(at + 1, at + 4), ...lines.slice(Math.max(0, at - 5), at)]
    .filter(({ level }) => level !== 'debug')
    .map(({ message }) => message);
  const [, code = 'unknown'] = SIGNS.find(([sign]) => near.some((text) => sign.test(text))) ?? [];
  const sign = SIGNS.find(([, of]) => of === code)?.[0];
  const message = near.find((text) => sign?.test(text)) ?? near[0]!;
  return { code, step: stepAt(lines, at), message: firstLine(message) };
}

/** The step that the client was in. */
function stepAt(lines: readonly LogLine[], at: number): string {
  const script = /(?:Artifact\w+|Download|Sync)_(?:Enter|Leave|Error)/.exec(lines[at]!.message);
  if (script) return script[0];
  for (let line = at; line >= 0; line--) {
    const { message } = lines[line]!;
    const transition = TRANSITION.exec(message);
    if (transition) return (STEP.exec(transition[2]!)?.[0] ?? transition[1]!).replace(/_(Enter|Leave|Error)$/, '');
    const called = /Calling module: \S+ (\w+)/.exec(message);
    if (called) return called[1]!;
  }
  return STEP.exec(lines[at]!.message)?.[1] ?? '';
}

function firstLine(message: string): string {
  const [first = ''] = message.trim().split('\n');
  return first.length > FAILURE_MESSAGE_LENGTH_MAX ? `${first.slice(0, FAILURE_MESSAGE_LENGTH_MAX - 1)}…` : first;
}

/** The lines around the failure, without those that only help to find bugs; the last ones where nothing is an error. */
export function sliceAroundFailure<L extends LogLine>(lines: readonly L[]): L[] {
  const telling = lines.filter(({ level }) => level !== 'debug');
  const shown = telling.length > 0 ? telling : [...lines];
  const at = indexOfFailure(shown);
  if (at < 0) return shown.slice(-(FAILURE_LINES_BEFORE + FAILURE_LINES_AFTER));
  return shown.slice(Math.max(0, at - FAILURE_LINES_BEFORE), at + FAILURE_LINES_AFTER);
}
