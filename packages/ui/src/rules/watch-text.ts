/** What a rule watches, in words. */
import { describeMetric, type RuleOf, type RuleTarget, type Watch } from '@lovely/api';
import { vitalOf } from '../device/vitals.ts';
import { durationText } from '../format/duration.ts';
import { count, plural } from '../format/number.ts';
import { kindTitle } from '../sensors/sensor-text.ts';

/** A sentence without a full stop, e.g. "Disk in use is 90% or more for 5 minutes; good again at 85%". */
export function watchText(watch: Watch): string {
  switch (watch.kind) {
    case 'threshold':
      return `${metricText(watch.metric)} is ${value(watch.metric, watch.raiseAt)} or ${watch.direction === 'above' ? 'more' : 'less'}${lasting(watch.forMs)}; good again at ${value(watch.metric, watch.clearAt)}`;
    case 'rate': {
      const verb = watch.direction === 'above' ? 'rises' : 'falls';
      return `${metricText(watch.metric)} ${verb} by ${value(watch.metric, Math.abs(watch.raiseAt))} or more within ${durationText(watch.windowMs)}${lasting(watch.forMs)}`;
    }
    case 'state':
      return `${metricText(watch.metric)} is ${alternatives(watch.states.map(String))}${lasting(watch.forMs)}`;
    case 'absence':
      return `${watch.metric === '' ? 'nothing at all' : `no value of ${metricText(watch.metric)}`} came for ${durationText(watch.forMs)}`;
    case 'flapping':
      return `${metricText(watch.metric)} changes ${times(watch.changes)} within ${durationText(watch.windowMs)}`;
    case 'service':
      return watch.targets.length === 0
        ? `a service that the gateway watches is not running${lasting(watch.forMs)}`
        : `${alternatives(watch.targets)} is not running${lasting(watch.forMs)}`;
    case 'log': {
      const where = watch.path !== '' ? watch.path : watch.unit === '' ? 'the journal' : `the journal of ${watch.unit}`;
      return `“${watch.pattern}” stands ${times(watch.count)} in ${where} within ${durationText(watch.windowMs)}`;
    }
    case 'signal':
      return `${watch.interface}.${watch.member} is sent on the system bus`;
    case 'offline':
      return watch.forMs === null
        ? 'the gateway is out of reach for longer than is usual'
        : `the gateway is out of reach for ${durationText(watch.forMs)}`;
    case 'clone':
      return 'two gateways come with the same key';
    case 'configuration':
      return 'the gateway went back from a configuration by itself';
  }
}

/** What it looks at, e.g. "each kitchen oven", "the gateway". */
export function ruleOfText(of: RuleOf): string {
  if (of.kind === 'gateway') return 'the gateway';
  const kinds = of.kinds.map((kind) => kindTitle(kind).toLowerCase());
  const what = kinds.length === 0 ? 'sensor' : alternatives(kinds);
  return of.models.length === 0 ? `each ${what}` : `each ${what} of model ${alternatives(of.models)}`;
}

/** Which houses it is for, e.g. "every house", "2 groups and 1 house". */
export function targetText({ deviceTypes, groupIds, deviceIds }: RuleTarget): string {
  const parts = [
    deviceTypes.length > 0 && `gateways of type ${alternatives(deviceTypes)}`,
    groupIds.length > 0 && plural(groupIds.length, 'group'),
    deviceIds.length > 0 && plural(deviceIds.length, 'house'),
  ].filter((part) => part !== false);
  return parts.length === 0 ? 'every house' : listed(parts, 'and');
}

/** As charts call it; nothing is said yet while it is being written. */
function metricText(metric: string): string {
  return metric === '' ? 'the value' : describeMetric(metric).title;
}

function value(metric: string, amount: number): string {
  return Number.isNaN(amount) ? '…' : vitalOf({ name: metric, value: amount, ts: '' }).text;
}

function lasting(ms: number): string {
  return ms === 0 ? '' : ` for ${durationText(ms)}`;
}

function times(amount: number): string {
  return amount === 1 ? 'once' : `${count(amount)} times`;
}

function alternatives(words: readonly string[]): string {
  return listed(words, 'or');
}

function listed(words: readonly string[], joint: 'and' | 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${joint} ${words.at(-1)}`;
}
