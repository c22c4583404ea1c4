import type { JobFunction } from '../job';
import { sendMail } from './mail-send';
import { deliverWebhook } from './webhook-deliver';

/** The kinds of job that a Lambda worker knows; another is a file beside this one and a line here. */
export const JOBS: ReadonlyMap<string, JobFunction> = new Map([
  ['mail.send', sendMail],
  ['webhook.deliver', deliverWebhook],
]);
