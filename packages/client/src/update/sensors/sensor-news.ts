/** What is told of sensors while they are updated: collected for a moment, so that fifty that move on together make one message. */
import type { SensorUpdate } from '@lovely/protocol';
import type { Clock } from '../../clock.ts';
import { SENSOR_NEWS_MS } from '../../limits.ts';
import { shortened } from '../shortened.ts';
import type { ModuleContext } from '../update-module.ts';
import { percentOf, stateOf, type SensorRecord } from './plan.ts';

export type TellNews = Pick<ModuleContext, 'tellSensors' | 'progress'>;

interface Known {
  readonly record: SensorRecord;
  /** Why it can't be reached at the moment. */
  readonly away: string | undefined;
  readonly stepPercent: number;
  /** What the backend was told last. */
  readonly told: string;
}

export class SensorNews {
  readonly #news: TellNews;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #moved = new Set<string>();
  #cancelFlush: (() => void) | undefined;

  constructor(news: TellNews, clock: Clock) {
    this.#news = news;
    this.#clock = clock;
  }

  tell(record: SensorRecord): void {
    const known = this.#known.get(record.id);
    const isSameStep = known?.record.stage === record.stage;
    this.#set({
      away: known?.away,
      told: known?.told ?? '',
      stepPercent: isSameStep ? known.stepPercent : 0,
      record,
    });
  }

  /** `why` it can't be reached; undefined once it can. */
  setAway(id: string, why: string | undefined): void {
    this.#set({ ...this.#known.get(id)!, away: why });
  }

  /** Who gets on is there. */
  progress(id: string, percent: number): void {
    const known = this.#known.get(id)!;
    if (known.stepPercent === percent && known.away === undefined) return;
    this.#moved.add(id);
    this.#set({ ...known, stepPercent: percent, away: undefined });
  }

  showLife(): void {
    const all = [...this.#known.values()];
    const sum = all.reduce((total, { record, stepPercent }) => total + percentOf(record, stepPercent), 0);
    const moved = all.filter(({ record }) => this.#moved.has(record.id));
    this.#moved.clear();
    this.#news.progress(
      all.length === 0 ? 100 : Math.floor(sum / all.length),
      moved.map((known) => ({ ...updateOf(known), percent: percentOf(known.record, known.stepPercent) })),
    );
  }

  close(): void {
    this.#flush();
  }

  #set(known: Known): void {
    this.#known.set(known.record.id, known);
    this.#cancelFlush ??= this.#clock.after(SENSOR_NEWS_MS, () => this.#flush());
  }

  #flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    const news: SensorUpdate[] = [];
    for (const [id, known] of this.#known) {
      const update = updateOf(known);
      const told = JSON.stringify(update);
      if (told === known.told) continue;
      news.push(update);
      this.#known.set(id, { ...known, told });
    }
    if (news.length > 0) this.#news.tellSensors(news);
    if (this.#moved.size > 0) this.showLife();
  }
}

function updateOf({ record, away }: Known): SensorUpdate {
  const message = shortened(away === undefined ? record.message : away);
  return { id: record.id, state: stateOf(record, away !== undefined), ...(message === '' ? {} : { message }) };
}
