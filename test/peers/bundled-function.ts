import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectPath } from '../../lib/facts/project-path';
import { cleanEnvironment } from '../rehearsal/surroundings';
import type { Peer } from './peer';

interface Report {
  readonly id: number;
  readonly answer?: unknown;
  readonly error?: string;
}

/** A program that runs Node.js with a server of names of its own; what it was given to inherit is left to Node.js. */
function nodeWith(nameServer: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'beamstalk-names-'));
  const program = join(folder, 'node');
  writeFileSync(join(folder, 'resolv.conf'), `nameserver ${nameServer}\n`);
  writeFileSync(
    program,
    `#!/bin/bash
exec unshare --mount bash -c 'mount --bind "$0" /etc/resolv.conf && exec "$@"' '${folder}/resolv.conf' '${process.execPath}' "$@"
`,
  );
  chmodSync(program, 0o755);
  return program;
}

export interface FunctionOptions {
  /** What stands for AWS: the service's name in variables of the SDK (`DYNAMODB`, `SSM`, ...) to where it is. */
  readonly services: Readonly<Record<string, Pick<Peer, 'endpoint'>>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Time-out of an invocation, milliseconds. */
  readonly milliseconds?: number;
  /** Address of the only server of names that the process knows. Needs root, and a kernel with mount namespaces. */
  readonly nameServer?: string;
}

/** A Lambda function as `npm run build` bundles it, in a process of its own. */
export class BundledFunction {
  /** Lines of its log that are JSON. */
  readonly log: Readonly<Record<string, unknown>>[] = [];
  /** All that it wrote. */
  output = '';
  private process: ChildProcess | undefined;
  private invocations = 0;

  constructor(
    private readonly name: string,
    private readonly options: FunctionOptions,
  ) {}

  /**
   * Hands over an event. A function that does not answer in time is ended, as Lambda does; the next call starts anew.
   *
   * @throws Error when it throws, ends or times out.
   */
  async invoke<Answer>(event: unknown): Promise<Answer> {
    const { milliseconds = 10_000 } = this.options;
    const child = await this.running();
    const id = ++this.invocations;
    const ended = new AbortController();
    const timer = setTimeout(() => void this.end(), milliseconds);
    try {
      child.send({ id, event, milliseconds });
      for (;;) {
        const report = await Promise.race([
          once(child, 'message', { signal: ended.signal }).then(([message]) => message as Report),
          once(child, 'exit', { signal: ended.signal }).then(() => undefined),
        ]);
        if (report === undefined) throw new Error(`${this.name} timed out or ended`);
        if (report.id !== id) continue;
        if (report.error !== undefined) throw new Error(report.error);
        return report.answer as Answer;
      }
    } finally {
      clearTimeout(timer);
      ended.abort();
    }
  }

  /** Ends the process at once, whatever it is at. */
  async end(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  private async running(): Promise<ChildProcess> {
    if (this.process?.connected) return this.process;
    const { services, environment, nameServer } = this.options;
    const endpoints = Object.entries(services).map(([name, { endpoint }]) => [`AWS_ENDPOINT_URL_${name}`, endpoint]);
    const child = fork(
      join(import.meta.dirname, 'function-runner.mjs'),
      [projectPath('.build', 'lambda', this.name, 'handler.js')],
      {
        execArgv: [],
        ...(nameServer !== undefined && { execPath: nodeWith(nameServer) }),
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: {
          ...cleanEnvironment(process.env),
          AWS_REGION: 'us-east-1',
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_LAMBDA_FUNCTION_NAME: this.name,
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          ...Object.fromEntries(endpoints),
          ...environment,
        },
      },
    );
    this.process = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.read(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.read(text));
    const ready = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
    if (ready === undefined) throw new Error(`${this.name} does not start:\n${this.output}`);
    return child;
  }

  private read(text: string): void {
    this.output += text;
    for (const line of text.split('\n')) {
      if (line.startsWith('{')) this.log.push(JSON.parse(line) as Record<string, unknown>);
    }
  }
}
