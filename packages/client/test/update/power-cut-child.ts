/**
 * The client's updates as a process, which is cut off: usage: power-cut-child.ts FOLDER SERVER [STEP before|after]
 * With a step it kills itself just before or just after that step is on the disk. Ends with 0 when the attempt is over.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UpdateOffer } from '@lovely/protocol';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { DiskJournal } from '../../src/spool/disk-journal.ts';
import { Spool } from '../../src/spool/spool.ts';
import { CheckedFile } from '../../src/update/checked-file.ts';
import { recordKeeper } from '../../src/update/record-keeper.ts';
import { offerTo, openRig } from './update-rig.ts';

const [folder = '', server = '', cutStep, cutWhen] = process.argv.slice(2);
const offer = JSON.parse(readFileSync(join(folder, 'offer.json'), 'utf8')) as UpdateOffer;
const spool = new Spool({
  journal: new DiskJournal(join(folder, 'spool'), 2 ** 20, silentLog),
  bytesMax: 2 ** 20,
  messagesMax: 10_000,
  clock: systemClock,
  random: Math.random,
  log: silentLog,
});
const home = join(folder, 'update');
const keeper = recordKeeper(new CheckedFile(join(home, 'state')), new CheckedFile(join(home, 'artifact')));
const cut = (): void => void process.kill(process.pid, 'SIGKILL');
const rig = openRig({
  folder,
  server: new URL(server),
  host: { rebootCommand: join(folder, 'reboot') },
  updates: {
    submit: (make) => spool.add(make),
    record: {
      ...keeper,
      save(record) {
        if (record.step === cutStep && cutWhen === 'before') cut();
        const isSaved = keeper.save(record);
        if (record.step === cutStep && cutWhen === 'after') cut();
        return isSaved;
      },
    },
  },
});
rig.updates.start();
// As the server does after each hello, until it has the last report.
offerTo(rig, offer);
const ended = new CheckedFile<readonly { readonly deployment: string }[]>(join(home, 'ended'));
while (!ended.load()?.some(({ deployment }) => deployment === offer.deployment)) await Bun.sleep(5);
await rig.updates.close();
spool.close();
