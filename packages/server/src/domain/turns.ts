/**
 * Who may do costly work now, and who waits for a turn: so many at once, so many waiting, and of each neighbour only a few, so
 * that a flood from one place, or from many, doesn't keep others out. Those known to be good go before strangers.
 */
export interface TurnLimits {
  readonly atOnceMax: number;
  /** Of strangers, and of known ones beside them. */
  readonly waitingMax: number;
  /** Working and waiting, of one neighbour. */
  readonly ofNeighbourMax: number;
}

export interface Turns {
  /** Runs the work when its turn has come; undefined, at once, where there is no room to wait. */
  run<T>(neighbour: string, isKnown: boolean, work: () => Promise<T>): Promise<{ readonly value: T } | undefined>;
}

export function createTurns({ atOnceMax, waitingMax, ofNeighbourMax }: TurnLimits): Turns {
  const known: (() => void)[] = [];
  const strangers: (() => void)[] = [];
  const here = new Map<string, number>();
  let working = 0;

  function leave(neighbour: string): void {
    const left = here.get(neighbour)! - 1;
    if (left === 0) here.delete(neighbour);
    else here.set(neighbour, left);
  }

  /** Whoever ends hands the place on, so that nobody slips in between. */
  function handOn(): void {
    const next = known.shift() ?? strangers.shift();
    if (next) next();
    else working--;
  }

  return {
    async run(neighbour, isKnown, work) {
      const queue = isKnown ? known : strangers;
      const ofNeighbour = here.get(neighbour) ?? 0;
      if (ofNeighbour >= ofNeighbourMax || (working >= atOnceMax && queue.length >= waitingMax)) return undefined;
      here.set(neighbour, ofNeighbour + 1);
      try {
        if (working >= atOnceMax) await new Promise<void>((begin) => queue.push(begin));
        else working++;
        try {
          return { value: await work() };
        } finally {
          handOn();
        }
      } finally {
        leave(neighbour);
      }
    },
  };
}
