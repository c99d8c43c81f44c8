/** Listens for the D-Bus signals that rules wait for, on a connection of its own that is there only while one does. */
import type { DeviceRule, DeviceWatch, RuleEvent } from '@lovely/protocol';
import { backoff } from '../../backoff.ts';
import { sleep, type Clock } from '../../clock.ts';
import type { BusSignal } from '../../dbus/bus.ts';
import { describeError } from '../../error.ts';
import { BUS_RETRY_FIRST_MS, BUS_RETRY_MAX_MS, SIGNALS_PER_SECOND_MAX } from '../../limits.ts';
import type { Log } from '../../log.ts';

export interface SignalWatchOptions {
  /** The bus, as the setting `dbus` names it. */
  readonly address: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly happened: (event: Omit<RuleEvent, 'atMs'>) => void;
}

type SignalRule = DeviceRule & { readonly watch: Extract<DeviceWatch, { kind: 'signal' }> };

// As the D-Bus specification names things; a match rule has no other way to be sure of a value.
const INTERFACE = /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/;
const MEMBER = /^[A-Za-z_]\w*$/;
const PATH = /^\/(\w+(\/\w+)*)?$/;

/** Starts to listen; returns what ends that. */
export function watchSignals(rules: readonly SignalRule[], options: SignalWatchOptions): () => void {
  const good = rules.filter(({ watch }) => isNamed(watch));
  for (const { key } of rules.filter((rule) => !good.includes(rule)))
    options.log.warn('a rule waits for a signal that can not be named so', { rule: key });
  const stopping = new AbortController();
  if (good.length > 0) void listen(good, options, stopping.signal);
  return () => stopping.abort();
}

function isNamed({ interface: name, member, clearMember, path }: SignalRule['watch']): boolean {
  return (
    INTERFACE.test(name) &&
    MEMBER.test(member) &&
    (clearMember === '' || MEMBER.test(clearMember)) &&
    (path === '' || PATH.test(path))
  );
}

async function listen(rules: readonly SignalRule[], options: SignalWatchOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log } = options;
  const waits = backoff({ firstMs: BUS_RETRY_FIRST_MS, maxMs: BUS_RETRY_MAX_MS, factor: 2, steadyShare: 0.5, random });
  let last = '';
  while (!signal.aborted) {
    const reason = await listenOnce(rules, options, signal).catch(describeError);
    if (signal.aborted) return;
    // The same news again and again would only wear the log's flash.
    if (reason !== last) log.warn('no bus to listen to for signals', { reason });
    last = reason;
    await sleep(clock, waits.next().value, signal);
  }
}

async function listenOnce(
  rules: readonly SignalRule[],
  { address, clock, happened }: SignalWatchOptions,
  signal: AbortSignal,
): Promise<string> {
  // Loaded on demand: most gateways have no rule for a signal.
  const [{ connectToBus }, { socketPathOf }] = await Promise.all([
    import('../../dbus/bus.ts'),
    import('../../dbus/bus-address.ts'),
  ]);
  const counts = new Map<string, { secondMs: number; count: number }>();
  const signalled = (seen: BusSignal): void => {
    for (const { key, watch } of rules) {
      if (seen.interface !== watch.interface || (watch.path !== '' && seen.path !== watch.path)) continue;
      const isClear = watch.clearMember !== '' && seen.member === watch.clearMember;
      if (!isClear && seen.member !== watch.member) continue;
      const nowMs = clock.monotonicMs();
      const known = counts.get(key);
      const second = known && nowMs - known.secondMs < 1000 ? known : { secondMs: nowMs, count: 0 };
      counts.set(key, second);
      // What ends a problem is always heard, or it would stay.
      if (!isClear && ++second.count > SIGNALS_PER_SECOND_MAX) continue;
      happened({ rule: key, kind: isClear ? 'clear' : 'hit', text: textOf(seen.body[0]) });
    }
  };
  const bus = await connectToBus(socketPathOf(address), clock, { called: () => undefined, signalled });
  const stop = (): void => bus.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (signal.aborted) stop();
    for (const { watch } of rules)
      for (const member of [watch.member, watch.clearMember])
        if (member !== '')
          await bus.watch(
            `type='signal',interface='${watch.interface}',member='${member}'${watch.path === '' ? '' : `,path='${watch.path}'`}`,
          );
    return await bus.ended;
  } finally {
    signal.removeEventListener('abort', stop);
    bus.close();
  }
}

function textOf(argument: unknown): string {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof argument) ? String(argument) : '';
}
