/** Updates of sensors that were offered to their programs, and what these say of them. */
import type { Caller } from './caller.ts';
import type { Values } from './interface.ts';
import { LocalError } from './local-error.ts';

export interface UpdateOffer {
  readonly sensor: string;
  /** Names the update for ever. */
  readonly update: string;
  readonly properties: Values;
}

const STATES = ['downloading', 'installing', 'done', 'failed'] as const;

export interface UpdateReport {
  /** `left`: the program went away before it was through. */
  readonly state: (typeof STATES)[number] | 'left';
  readonly percent: number;
  readonly message: string;
}

export class UpdateOffers {
  readonly #offers = new Map<string, { readonly caller: Caller; readonly report: (report: UpdateReport) => void }>();

  offer(caller: Caller, { sensor, update, properties }: UpdateOffer, report: (report: UpdateReport) => void): void {
    this.#offers.set(update, { caller, report });
    caller.tell('UpdateOffered', { sensor, update, properties });
  }

  report(caller: Caller, update: string, text: string, percent: number, message: string): void {
    const offer = this.#offers.get(update);
    if (offer?.caller !== caller) throw new LocalError('UnknownUpdate', 'no such update was offered to you');
    const state = STATES.find((known) => known === text);
    if (state === undefined) throw new LocalError('InvalidArguments', `state: ${STATES.join(', ')}`);
    if (percent > 100) throw new LocalError('InvalidArguments', 'percent: 0 to 100');
    if (state === 'done' || state === 'failed') this.#offers.delete(update);
    offer.report({ state, percent, message });
  }

  left(caller: Caller): void {
    for (const [update, { caller: of, report }] of this.#offers) {
      if (of !== caller) continue;
      this.#offers.delete(update);
      report({ state: 'left', percent: 0, message: '' });
    }
  }
}
