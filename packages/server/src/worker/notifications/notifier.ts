/** Tells people of alerts, in stages that find in the database what is to be done: bundles, plans, messages, mail. */
import { setTimeout as sleep } from 'node:timers/promises';
import { doForEach, startTask, type Task } from '../../background-task.ts';
import { MAIL_CLOSE_TIMEOUT_MS, NOTIFICATION_TICK_MS } from '../../limits.ts';
import type { Log } from '../../log.ts';
import type { QueueMailer } from '../../mail/mailer.ts';
import type { Store } from '../../store/store.ts';
import { composeNotifications } from './compose.ts';
import { sendMails } from './mail-sender.ts';
import { planNotifications } from './plan.ts';
import { routeAlerts } from './route.ts';

export interface NotifierOptions {
  readonly store: Store;
  readonly log: Log;
  /** Undefined where there is no mail server. */
  readonly mailer: QueueMailer | undefined;
  readonly publicUrl: string;
}

const now = (): Date => new Date();

export function startNotifier({ store, log, mailer, publicUrl }: NotifierOptions): Task {
  const canMail = mailer !== undefined;
  const tasks = [
    startTask('notifications', NOTIFICATION_TICK_MS, log, async () => {
      const stages = [
        () => routeAlerts(store, now),
        () => planNotifications(store, now),
        () => composeNotifications({ store, publicUrl, canMail, now }),
      ];
      await doForEach(stages, (stage) => stage());
    }),
    ...(mailer ? [startTask('mail', NOTIFICATION_TICK_MS, log, () => sendMails(store, mailer, now))] : []),
  ];
  return {
    async close() {
      // A mail that is being handed over then is taken for lost, and sent again by the next process.
      const closing = Promise.all(tasks.map((task) => task.close()));
      await Promise.race([closing, sleep(MAIL_CLOSE_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
}
