import { spawnSync } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** A mail as it was handed over by SMTP. */
export interface ReceivedMail {
  /** Addresses of the envelope, which say where it goes. */
  readonly recipients: readonly string[];
  readonly text: string;
}

/** A mail as a reader of mail sees it. */
export interface ReadMail {
  /** Names of the headers, in lower case and order. */
  readonly names: readonly string[];
  readonly subject: string;
  /** Addresses without their display names, by header. */
  readonly addresses: Readonly<Record<'from' | 'to' | 'cc' | 'bcc' | 'reply-to', readonly string[]>>;
  readonly bodies: readonly string[];
}

/** Takes mails by SMTP (RFC 5321) on loopback, from whoever brings them. */
export class MailReceiver {
  readonly mails: ReceivedMail[] = [];
  private readonly server = createServer((socket) => this.serve(socket));

  static async start(): Promise<MailReceiver> {
    const receiver = new MailReceiver();
    await new Promise<void>((listening) => receiver.server.listen(0, '127.0.0.1', listening));
    return receiver;
  }

  get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((stopped) => this.server.close(() => stopped()));
  }

  private serve(socket: Socket): void {
    let buffer = '';
    let recipients: string[] = [];
    let inData = false;
    socket.on('error', () => {});
    socket.setEncoding('utf8').write('220 gate\r\n');
    socket.on('data', (text: string) => {
      buffer += text;
      for (;;) {
        const end = buffer.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (inData ? 5 : 2));
        if (inData) {
          this.mails.push({ recipients, text: part.replace(/^\.\./gm, '.') });
          recipients = [];
          inData = false;
          socket.write('250 taken\r\n');
          continue;
        }
        const [, recipient] = /^RCPT TO:<(.*?)>/i.exec(part) ?? [];
        if (recipient !== undefined) recipients.push(recipient);
        inData = /^DATA$/i.test(part);
        socket.write(inData ? '354 go on\r\n' : '250 yes\r\n');
        if (/^QUIT$/i.test(part)) socket.end();
      }
    });
  }
}

// The parser of Python's standard library, which decodes words and addresses of headers by RFC 2047 and RFC 5322.
const READER = `
import email, email.policy, json, sys
read = []
for text in json.load(sys.stdin):
    mail = email.message_from_string(text, policy=email.policy.default)
    addresses = {name: [one.addr_spec for header in mail.get_all(name, []) for one in header.addresses]
                 for name in ("from", "to", "cc", "bcc", "reply-to")}
    bodies = [part.get_content() for part in mail.walk() if not part.is_multipart()]
    read.append({"names": [name.lower() for name in mail.keys()], "subject": str(mail["subject"]), "addresses": addresses, "bodies": bodies})
json.dump(read, sys.stdout)
`;

export function readMails(mails: readonly ReceivedMail[]): ReadMail[] {
  const input = JSON.stringify(mails.map(({ text }) => text));
  const { status, stdout, stderr } = spawnSync('python3', ['-I', '-c', READER], { input, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as ReadMail[];
}
