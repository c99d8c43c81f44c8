/** Servers that whole-system tests run beside ours. */
export { cleanUpOnSignal } from './clean-up-on-signal.ts';
export { startNats } from './bus/nats-process.ts';
export type { NatsProcess } from './bus/nats-process.ts';
export { PostgresClient, startDebianDatabases } from './store/test-databases.ts';
export type { TestDatabases } from './store/test-databases.ts';
export { fillFromTemplate } from './store/test-template.ts';
export { passWebhookTimeAt } from './store/test-webhooks.ts';
/** The receiver's side of webhooks. */
export { Webhook as WebhookVerifier } from 'standardwebhooks';
