import { SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { JobError, type JobFunction } from '../job';

/** SES takes at most this many recipients in a message, https://docs.aws.amazon.com/ses/latest/dg/quotas.html (2026-11-21). */
const MAX_RECIPIENTS = 50;

/** Begins text that readers of mail decode, wherever it stands in a header: RFC 2047, section 2. */
const ENCODED_WORD = /=\?/;

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
    FromEmailAddress: mailbox('from', requiredText(payload, 'from')),
    Destination: recipients,
    ReplyToAddresses: addresses(payload, 'replyTo'),
    ConfigurationSetName: configurationSet(payload),
    Content: {
      Simple: {
        Subject: { Data: oneLine('subject', requiredText(payload, 'subject')), Charset: 'UTF-8' },
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
  if (list.length > MAX_RECIPIENTS) {
    throw new JobError(`the mail has ${list.length} addresses in ${key}: at most ${MAX_RECIPIENTS}`);
  }
  return list.map((item) => mailbox(key, item));
}

/**
 * One mailbox, `ada@example.com` or `Ada <ada@example.com>`, as SES takes it: ASCII, by
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html (2026-11-29). Commas, semicolons and line
 * breaks would make more recipients, or more headers, of one; an encoded word hides them.
 */
function mailbox(key: string, value: unknown): string {
  const MAILBOX = /^(?:(?:"[ !#-[\]-~]{0,128}"|[A-Za-z0-9 .'_-]{0,128}) ?<([^<>]*)>|([^<>]*))$/;
  const [, inBrackets, bare] = (typeof value === 'string' && MAILBOX.exec(value)) || [];
  const address = inBrackets ?? bare ?? '';
  const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/;
  if (typeof value !== 'string' || address.length > 254 || !ADDRESS.test(address) || ENCODED_WORD.test(value)) {
    throw new JobError(`${key} of the mail: expected an address, or a list with one address in each entry`);
  }
  return value;
}

/**
 * Text of a header: a line break would begin another header, and half a character is no text. SES encodes what is not
 * ASCII; what is encoded already would be read as what it hides.
 */
function oneLine(key: string, text: string): string {
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text) || ENCODED_WORD.test(text)) {
    throw new JobError(`${key} of the mail: expected one line of text`);
  }
  return text;
}

function configurationSet(payload: Payload): string | undefined {
  const name = optionalText(payload, 'configurationSet');
  if (name !== undefined && !/^[A-Za-z0-9_-]{1,64}$/.test(name)) {
    throw new JobError('configurationSet of the mail: expected 1 to 64 letters, digits, _ and -');
  }
  return name;
}
