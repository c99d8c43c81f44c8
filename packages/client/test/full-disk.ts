/**
 * Fills the small disk it is given with a spool, goes on while it is full, makes room and opens the spool again.
 * Prints one line of JSON. usage: full-disk.ts FOLDER
 */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alertRaise } from '@lovely/protocol';
import { systemClock } from '../src/clock.ts';
import { DiskJournal } from '../src/spool/disk-journal.ts';
import { Spool } from '../src/spool/spool.ts';

const disk = process.argv[2]!;
const events: string[] = [];
const log = { info: (event: string) => void events.push(event), warn: (event: string) => void events.push(event) };

function open(): Spool {
  const journal = new DiskJournal(join(disk, 'spool'), 256 * 1024, log);
  return new Spool({
    journal,
    bytesMax: 256 * 1024,
    messagesMax: 10_000,
    clock: systemClock,
    random: Math.random,
    log,
  });
}

function add(spool: Spool, count: number): void {
  for (let index = 0; index < count; index++) {
    spool.add((id) =>
      alertRaise.frame(
        { id },
        {
          ts: 1,
          source: `s${index}`,
          rule: 'r',
          severity: 'warning',
          description: 'x'.repeat(index % 200),
          values: {},
        },
      ),
    );
  }
}

const spool = open();
add(spool, 5);
writeFileSync(join(disk, 'ballast'), new Uint8Array(8192));
try {
  for (let part = 0; ; part++) writeFileSync(join(disk, `ballast-${part}`), new Uint8Array(4096));
} catch {
  // Full now, but for what is left of the journal's last page.
}
add(spool, 60);
const whileFull = [...open().waiting()].length;
rmSync(join(disk, 'ballast'));
add(spool, 1);
const ids = [...spool.waiting()].map(({ id }) => id);
const recovered = [...open().waiting()].map(({ id }) => id);
const isWhole = JSON.stringify(ids) === JSON.stringify(recovered);
process.stdout.write(JSON.stringify({ events, added: ids.length, whileFull, isWhole }));
