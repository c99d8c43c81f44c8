/** The kinds of watches to choose from, and how each begins. */
import type { RuleDraft, Watch } from '@lovely/api';
import {
  ActivitySquare,
  BellOff,
  ChartNoAxesColumnIncreasing,
  Copy,
  Radio,
  ScrollText,
  ToggleLeft,
  TrendingUp,
  Undo2,
  WifiOff,
  Workflow,
  type LucideIcon,
} from 'lucide-react';

interface WatchKind {
  readonly title: string;
  readonly detail: string;
  readonly icon: LucideIcon;
  /** Where to begin; missing for what only comes with the system. */
  readonly blank?: Watch;
  /** It can look at sensors, and not only at the gateway. */
  readonly ofSensors?: true;
  /** The server can do it for those that can't. */
  readonly byServer?: true;
}

const MINUTE = 60_000;
const NONE = Number.NaN;

export const WATCH_KINDS: Readonly<Record<Watch['kind'], WatchKind>> = {
  threshold: {
    title: 'A value too high or too low',
    detail: 'A disk that fills up, a processor too hot, a pressure too low.',
    icon: ChartNoAxesColumnIncreasing,
    ofSensors: true,
    byServer: true,
    blank: { kind: 'threshold', metric: '', direction: 'above', raiseAt: NONE, clearAt: NONE, forMs: MINUTE },
  },
  rate: {
    title: 'A value that changes too fast',
    detail: 'A temperature that runs away, a tank that leaks.',
    icon: TrendingUp,
    ofSensors: true,
    byServer: true,
    blank: {
      kind: 'rate',
      metric: '',
      direction: 'above',
      raiseAt: NONE,
      clearAt: NONE,
      windowMs: 10 * MINUTE,
      forMs: 0,
    },
  },
  state: {
    title: 'A state',
    detail: 'A burner that reports a fault, a door that stays open.',
    icon: ToggleLeft,
    ofSensors: true,
    byServer: true,
    blank: { kind: 'state', metric: '', states: [], forMs: MINUTE },
  },
  absence: {
    title: 'Silence',
    detail: 'A sensor that has not reported for a while.',
    icon: BellOff,
    ofSensors: true,
    byServer: true,
    blank: { kind: 'absence', metric: '', forMs: 15 * MINUTE },
  },
  flapping: {
    title: 'To and fro',
    detail: 'A link that comes and goes, a relay that chatters.',
    icon: ActivitySquare,
    ofSensors: true,
    blank: { kind: 'flapping', metric: '', changes: 6, windowMs: 10 * MINUTE, quietMs: 10 * MINUTE },
  },
  service: {
    title: 'A service that does not run',
    detail: 'A systemd unit or a process of the gateway.',
    icon: Workflow,
    blank: { kind: 'service', targets: [], forMs: MINUTE },
  },
  log: {
    title: 'A line in a log',
    detail: 'A pattern in the journal or in a file.',
    icon: ScrollText,
    blank: { kind: 'log', unit: '', path: '', pattern: '', count: 1, windowMs: 5 * MINUTE, quietMs: 30 * MINUTE },
  },
  signal: {
    title: 'A signal on the system bus',
    detail: 'What another program says over D-Bus.',
    icon: Radio,
    blank: { kind: 'signal', interface: '', member: '', path: '', clearMember: '', quietMs: 30 * MINUTE },
  },
  offline: { title: 'A gateway out of reach', detail: 'The server notices by itself.', icon: WifiOff },
  clone: { title: 'Two gateways with one key', detail: 'The server notices by itself.', icon: Copy },
  configuration: {
    title: 'A gateway went back from a configuration',
    detail: 'The gateway says so by itself.',
    icon: Undo2,
  },
};

/** The rule that watches this instead; what it says and where it holds stays, as far as that goes together. */
export function withKind(draft: RuleDraft, kind: Watch['kind']): RuleDraft {
  const { blank, ofSensors, byServer } = WATCH_KINDS[kind];
  if (!blank) return draft;
  const metric = 'metric' in draft.watch ? draft.watch.metric : '';
  return {
    ...draft,
    watch: 'metric' in blank ? { ...blank, metric } : blank,
    of: ofSensors ? draft.of : { kind: 'gateway' },
    evaluatedBy: byServer ? draft.evaluatedBy : 'device',
  };
}
