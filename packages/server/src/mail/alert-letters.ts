/** What people read about alerts: in one mail all that is to be said by now, the worst first, as plain text and as HTML. */
import type { NotificationKind } from '@lovely/api';
import type { AlertExample, BundleFacts } from '../domain/bundle-facts.ts';
import { fillTemplate } from '../domain/rule.ts';
import { escapeHtml, oneLine } from './letters.ts';
import type { Mail } from './mailer.ts';

/** One thing to say. */
export interface Section {
  readonly kind: NotificationKind;
  /** Null: because of the own subscription. */
  readonly policyName: string | null;
  /** Undefined for a test. */
  readonly facts: BundleFacts | undefined;
}

export interface AlertLetter {
  readonly to: string;
  /** Null for somebody outside. */
  readonly name: string | null;
  readonly sections: readonly Section[];
  readonly publicUrl: string;
  readonly unsubscribeUrl: string | null;
  readonly now: Date;
}

/** What a message is about, in one line. */
export function subjectOf({ kind, facts }: Section): string {
  if (!facts) return 'This is a test';
  const { title, severity, open, houses, examples, place } = facts;
  const where = houses === 1 ? (examples[0]?.deviceName ?? '') : countOfHouses(houses);
  const what = oneLine([title, '·', where, ...(houses === 1 ? [] : [place])].join(' ')).trim();
  switch (kind) {
    case 'resolved':
      return `Back to green: ${what}`;
    case 'reminder':
      return `Still open: ${what}`;
    case 'escalation':
      return `Nobody has acknowledged: ${what}`;
    default:
      return severity === 'critical' && open > 0 ? `Critical: ${what}` : what;
  }
}

export function alertMail(letter: AlertLetter): Mail {
  const { to, name, publicUrl, unsubscribeUrl } = letter;
  const sections = letter.sections.toSorted((a, b) => weightOf(b) - weightOf(a));
  const [first] = sections;
  const subject = sections.length === 1 ? subjectOf(first!) : `${sections.length} messages · ${subjectOf(first!)}`;
  const parts = sections.map((section) => partOf(section, letter));
  const closing = closingOf(letter.sections, publicUrl, unsubscribeUrl);
  const greeting = name === null ? 'Hello,' : `Hello ${oneLine(name)},`;
  return {
    to,
    subject,
    text: `${[greeting, ...parts.map(textOf), ...closing.map(plain)].join('\n\n')}\n`,
    html: [
      '<!doctype html><html><body style="font-family:sans-serif;max-width:40em;line-height:1.45;color:#1c2430">',
      `<p>${escapeHtml(greeting)}</p>`,
      ...parts.map(htmlOf),
      '<hr style="border:0;border-top:1px solid #ddd">',
      ...closing.map(({ text, url }) => `<p style="color:#5b6675;font-size:90%">${linked(text, url)}</p>`),
      '</body></html>',
    ].join(''),
  };
}

/** A section as lines, before it is text or HTML. */
interface Part {
  readonly title: string;
  readonly color: string;
  readonly paragraphs: readonly string[];
  readonly houses: readonly { readonly text: string; readonly url: string }[];
  readonly more: string | undefined;
  readonly steps: readonly string[];
  readonly action: { readonly label: string; readonly url: string };
}

const RED = '#c2263a';
const AMBER = '#a35a00';
const GREEN = '#17713c';

function partOf({ kind, facts, ...section }: Section, { publicUrl, now }: AlertLetter): Part {
  const account = { label: 'Change what you are told', url: `${publicUrl}/settings/account` };
  if (!facts)
    return {
      title: subjectOf({ kind, facts, ...section }),
      color: GREEN,
      paragraphs: ['You asked for a test of what you are told. It works: this is how messages about alerts reach you.'],
      houses: [],
      more: undefined,
      steps: [],
      action: account,
    };
  const [example] = facts.examples;
  const isOver = kind === 'resolved';
  return {
    title: subjectOf({ kind, facts, ...section }),
    color: isOver ? GREEN : facts.severity === 'critical' ? RED : AMBER,
    paragraphs: [stateOf(kind, facts, now), ...(isOver || facts.cause === '' ? [] : [`Likely cause: ${facts.cause}`])],
    houses: facts.examples.map((one) => ({ text: lineOf(one), url: houseUrl(publicUrl, one) })),
    more:
      facts.alerts > facts.examples.length
        ? `and ${count(facts.alerts - facts.examples.length, 'more alert', 'more alerts')}`
        : undefined,
    steps: isOver ? [] : stepsOf(facts, example),
    action:
      facts.houses === 1 && example
        ? { label: 'Open the house', url: houseUrl(publicUrl, example) }
        : { label: 'Open the alerts', url: `${publicUrl}/alerts?rule=${encodeURIComponent(facts.rule)}` },
  };
}

function stateOf(kind: NotificationKind, facts: BundleFacts, now: Date): string {
  const { alerts, houses, open, waiting, firstOpenedAt, lastClosedAt } = facts;
  const lasted = durationOf((lastClosedAt ?? now).getTime() - firstOpenedAt.getTime());
  const where = houses === 1 ? 'This house' : countOfHouses(houses);
  switch (kind) {
    case 'resolved':
      return `${where} ${houses === 1 ? 'is' : 'are'} back to green after ${lasted}.`;
    case 'reminder':
    case 'escalation':
      return `This began ${durationOf(now.getTime() - firstOpenedAt.getTime())} ago, and nobody has acknowledged ${count(waiting, 'alert', 'alerts')} of it.`;
    case 'more':
      return `There is more of it: ${count(open, 'alert is', 'alerts are')} open now, of ${alerts} since ${timeOf(firstOpenedAt)}.`;
    default:
      return houses === 1
        ? `Since ${timeOf(firstOpenedAt)}.`
        : `${countOfHouses(houses)} have this problem, the first since ${timeOf(firstOpenedAt)}.`;
  }
}

/** Steps name what is wrong here; for many houses they stay general. */
function stepsOf({ suggestion, houses }: BundleFacts, example: AlertExample | undefined): string[] {
  if (houses > 1 || !example) return suggestion.filter((step) => !/\{[^{}]+\}/.test(step));
  const { source, values } = example;
  return suggestion.map((step) => fillTemplate(step, { ...values, source, target: source }));
}

function lineOf({ deviceName, deviceAddress, description, closedAt }: AlertExample): string {
  const house = deviceAddress === '' ? deviceName : `${deviceName}, ${deviceAddress}`;
  return oneLine(`${house}: ${description}${closedAt ? ' (over)' : ''}`);
}

const houseUrl = (publicUrl: string, { deviceId }: AlertExample): string => `${publicUrl}/devices/${deviceId}/alerts`;

interface ClosingLine {
  readonly text: string;
  readonly url: string;
}

function closingOf(sections: readonly Section[], publicUrl: string, unsubscribeUrl: string | null): ClosingLine[] {
  const policies = [...new Set(sections.flatMap(({ policyName }) => (policyName === null ? [] : [policyName])))];
  const isOwn = sections.some(({ policyName }) => policyName === null);
  const lines: ClosingLine[] = [];
  if (policies.length > 0)
    lines.push({
      text: `You are told because of ${policies.length === 1 ? 'the notification policy' : 'the notification policies'} ${policies.map((name) => `“${oneLine(name)}”`).join(', ')}.`,
      url: '',
    });
  if (isOwn) lines.push({ text: 'Change what you are told:', url: `${publicUrl}/settings/account` });
  if (unsubscribeUrl !== null) lines.push({ text: 'To get no more of these mails:', url: unsubscribeUrl });
  return lines;
}

function textOf({ title, paragraphs, houses, more, steps, action }: Part): string {
  return [
    title,
    ...paragraphs.map(oneLine),
    ...(houses.length === 0
      ? []
      : [[...houses.map(({ text }) => `- ${text}`), ...(more ? [`- ${more}`] : [])].join('\n')]),
    ...(steps.length === 0
      ? []
      : [['What to do:', ...steps.map((step, at) => `${at + 1}. ${oneLine(step)}`)].join('\n')]),
    `${action.label}: ${action.url}`,
  ].join('\n\n');
}

function htmlOf({ title, color, paragraphs, houses, more, steps, action }: Part): string {
  const items = houses.map(({ text, url }) => `<li>${linked(text, url, text)}</li>`);
  return [
    `<h2 style="font-size:115%;border-left:4px solid ${color};padding-left:.6em;margin:1.4em 0 .6em">${escapeHtml(title)}</h2>`,
    ...paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`),
    ...(items.length === 0 ? [] : [`<ul>${items.join('')}${more ? `<li>${escapeHtml(more)}</li>` : ''}</ul>`]),
    ...(steps.length === 0
      ? []
      : [`<p><b>What to do</b></p><ol>${steps.map((step) => `<li>${escapeHtml(step)}</li>`).join('')}</ol>`]),
    `<p><a href="${escapeHtml(action.url)}" style="font-weight:bold">${escapeHtml(action.label)}</a></p>`,
  ].join('');
}

const plain = ({ text, url }: ClosingLine): string => (url === '' ? text : `${text} ${url}`);

function linked(text: string, url: string, label = url): string {
  if (url === '') return escapeHtml(text);
  const link = `<a href="${escapeHtml(url)}" style="color:inherit">${escapeHtml(label)}</a>`;
  return label === text ? link : `${escapeHtml(text)} ${link}`;
}

function weightOf({ kind, facts }: Section): number {
  if (!facts) return 0;
  if (kind === 'resolved') return 1;
  return facts.severity === 'critical' ? 3 : 2;
}

const countOfHouses = (houses: number): string => count(houses, 'house', 'houses');

function count(number: number, one: string, many: string): string {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}

/** As "12 min" or "3 h 5 min". */
export function durationOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return 'less than a minute';
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24, minutes % 60];
  const parts =
    days > 0 ? [`${days} d`, hours > 0 && `${hours} h`] : [hours > 0 && `${hours} h`, rest > 0 && `${rest} min`];
  return parts.filter((part) => part !== false).join(' ');
}

function timeOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
