/**
 * A process that fills a spool until it is killed: an alert, then a status, over and over, forgetting some. A line tells
 * what is durable: `+ id` after an alert was added, `- id` before it is forgotten.
 * usage: spool-writer.ts FOLDER SEED
 */
import { writeSync } from 'node:fs';
import { alertRaise, statusReport } from '@lovely/protocol';
import { systemClock } from '../src/clock.ts';
import { silentLog } from '../src/log.ts';
import { DiskJournal } from '../src/spool/disk-journal.ts';
import { Spool } from '../src/spool/spool.ts';

const [folder, seed] = [process.argv[2]!, Number(process.argv[3])];
const bytesMax = 256 * 1024;
const spool = new Spool({
  journal: new DiskJournal(folder, bytesMax, silentLog),
  bytesMax,
  messagesMax: 100_000,
  clock: systemClock,
  random: Math.random,
  log: silentLog,
});
const waiting = [...spool.waiting()].map(({ id }) => id);
const say = (line: string): number => writeSync(1, `${line}\n`);

for (let count = seed; ; count++) {
  let added = 0;
  spool.add((id) => {
    added = id;
    return alertRaise.frame(
      { id },
      { ts: count, source: `s${count}`, rule: 'r', severity: 'warning', description: '', values: {} },
    );
  });
  say(`+ ${added}`);
  waiting.push(added);
  spool.add((id) => statusReport.frame({ id }, [{ ts: count, source: '', values: { a: count } }]));
  if (waiting.length > 20 + (count % 7)) {
    const ids = waiting.splice(0, 10);
    say(`- ${ids.join(' ')}`);
    spool.forget(ids);
  }
}
