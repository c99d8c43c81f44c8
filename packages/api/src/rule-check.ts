/** What the members of a rule ask of each other; the schema says what each may be by itself. */
import type { z } from 'zod';
import type { Watch } from './watch.ts';

interface Checked {
  readonly watch: Watch;
  readonly of: { readonly kind: 'gateway' | 'sensors' };
  readonly evaluatedBy: 'device' | 'server';
}

/** Kinds that can be seen in last values and their history: of a sensor too, and by the server too. */
const OF_VALUES: readonly Watch['kind'][] = ['threshold', 'rate', 'state', 'absence', 'flapping'];
const BY_SERVER: readonly Watch['kind'][] = ['threshold', 'rate', 'state', 'absence'];
const SERVER_ONLY: readonly Watch['kind'][] = ['offline', 'clone', 'configuration'];

export function checkRule({ watch, of, evaluatedBy }: Checked, context: Pick<z.core.$RefinementCtx, 'addIssue'>): void {
  const refuse = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (SERVER_ONLY.includes(watch.kind)) {
    if (evaluatedBy !== 'server') refuse(['evaluatedBy'], `the server watches "${watch.kind}"`);
    if (of.kind !== 'gateway') refuse(['of'], `"${watch.kind}" is of gateways`);
    return;
  }
  if (evaluatedBy === 'server' && !BY_SERVER.includes(watch.kind))
    refuse(['evaluatedBy'], `only a device can watch "${watch.kind}"`);
  if (of.kind === 'sensors' && !OF_VALUES.includes(watch.kind)) refuse(['of'], `"${watch.kind}" is of gateways`);
  if (watch.kind === 'threshold' || watch.kind === 'rate') {
    const sign = watch.direction === 'above' ? 1 : -1;
    if (watch.clearAt * sign > watch.raiseAt * sign)
      refuse(['watch', 'clearAt'], `where it is good again must not lie ${watch.direction} raiseAt`);
  }
  if ('metric' in watch) {
    const stars = watch.metric.split('*').length - 1;
    if (stars > 1) refuse(['watch', 'metric'], 'one * at most');
    if (stars > 0 && of.kind === 'sensors') refuse(['watch', 'metric'], 'a metric of a sensor has no *');
  }
  if (watch.kind === 'log') {
    if (watch.path !== '' && watch.unit !== '') refuse(['watch', 'path'], 'name a unit or a path, not both');
    if (watch.path !== '' && !watch.path.startsWith('/')) refuse(['watch', 'path'], 'begins with /');
  }
  if (watch.kind === 'signal' && watch.clearMember === '' && watch.quietMs === 0)
    refuse(['watch', 'quietMs'], 'say when it is good again: after so long, or with clearMember');
}
