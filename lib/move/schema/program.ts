import { spawn } from 'node:child_process';
import { MoveError } from '../move-error';

export interface Invocation {
  readonly program: string;
  readonly args: readonly string[];
  /** All of its environment: nothing of the mover's own reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly input?: Buffer;
}

/** Runs one of PostgreSQL's programs. @throws MoveError with what it said when it fails. */
export function runProgram({ program, args, environment, input }: Invocation): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: environment, stdio: ['pipe', 'pipe', 'pipe'] });
    const answer: Buffer[] = [];
    let said = '';
    child.stdout.on('data', (part: Buffer) => answer.push(part));
    child.stderr.on('data', (part: Buffer) => {
      said = (said + part.toString()).slice(-2000);
    });
    const failed = (why: string): void => reject(new MoveError(`${program} failed: ${why}`));
    child.once('error', (error) => failed(error.message));
    child.once('close', (status, signal) => {
      if (status === 0) resolve(Buffer.concat(answer));
      else failed(said.trim() || `it ended with ${status ?? signal}`);
    });
    // A program that ends before it has read all says why by its status.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
