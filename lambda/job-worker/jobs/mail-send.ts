import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { JobError, type JobFunction } from '../job';

/** SES takes at most this many recipients in a message, https://docs.aws.amazon.com/ses/latest/dg/quotas.html (2026-11-21). */
const MAX_RECIPIENTS = 50;

const ses = new SESv2Client({});

/**
 * Sends a mail by SES: `from`, `to` and `subject`, with `text`, `html` or both; optional `cc`, `bcc`, `replyTo` (lists of
 * addresses) and `configurationSet`. The sender has to be verified in SES.
 *
 * A mail that SES accepted just before the function ended is sent again: SES has no request token.
 */
export const sendMail: JobFunction = async (payload, { signal }) => {
  const text = optionalText(payload, 'text');
  const html = optionalText(payload, 'html');
  if (text === undefined && html === undefined) throw new JobError('the mail has no body: expected text, html or both');
  const recipients = {
    ToAddresses: addresses(payload, 'to') ?? [],
    CcAddresses: addresses(payload, 'cc'),
    BccAddresses: addresses(payload, 'bcc'),
  };
  const count = Object.values(recipients).flatMap((list) => list ?? []).length;
  if (recipients.ToAddresses.length === 0) throw new JobError('the mail has no recipient: expected a list, to');
  if (count > MAX_RECIPIENTS) throw new JobError(`the mail has ${count} recipients: at most ${MAX_RECIPIENTS}`);
  const command = new SendEmailCommand({
    FromEmailAddress: requiredText(payload, 'from'),
    Destination: recipients,
    ReplyToAddresses: addresses(payload, 'replyTo'),
    ConfigurationSetName: optionalText(payload, 'configurationSet'),
    Content: {
      Simple: {
        Subject: { Data: requiredText(payload, 'subject'), Charset: 'UTF-8' },
        Body: {
          ...(text !== undefined && { Text: { Data: text, Charset: 'UTF-8' } }),
          ...(html !== undefined && { Html: { Data: html, Charset: 'UTF-8' } }),
        },
      },
    },
  });
  await ses.send(command, { abortSignal: signal });
};

type Payload = Parameters<JobFunction>[0];

function requiredText(payload: Payload, key: string): string {
  const value = optionalText(payload, key);
  if (value === undefined) throw new JobError(`the mail has no ${key}: expected a text`);
  return value;
}

function optionalText(payload: Payload, key: string): string | undefined {
  const value = payload[key];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new JobError(`${key} of the mail: expected a text`);
  return value;
}

function addresses(payload: Payload, key: string): string[] | undefined {
  const value = payload[key];
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((item): item is string => typeof item === 'string' && item.includes('@'))) {
    throw new JobError(`${key} of the mail: expected a list of addresses`);
  }
  return [...list];
}
