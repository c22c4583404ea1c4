import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { join } from 'node:path';

const KEEPER = join(import.meta.dirname, 'keeper.mjs');

export interface ChildOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Receives the output as it comes; left out, `output` takes it. */
  readonly onOutput?: (text: string) => void;
  /** File descriptor for the output. */
  readonly output?: number;
}

/** A command under way. */
export interface Child {
  /** Resolves with its exit code. */
  readonly ended: Promise<number>;
  readonly running: () => boolean;
  readonly stop: () => Promise<void>;
}

/** The commands that a program has started: none of them outlives it, whatever ends it. */
export class Children {
  private readonly all = new Set<Child>();

  start(command: string, args: readonly string[], { env, onOutput, output }: ChildOptions): Child {
    const sink = onOutput === undefined ? (output ?? 'ignore') : 'pipe';
    const stdio: StdioOptions = ['pipe', sink, sink];
    // Detached: a Ctrl-C in the terminal reaches this program alone, which then stops the others in order.
    const keeper = spawn(process.execPath, [KEEPER, command, ...args], { env, stdio, detached: true });
    keeper.stdin?.on('error', () => undefined);
    keeper.stdout?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
    keeper.stderr?.setEncoding('utf8').on('data', (text: string) => onOutput?.(text));
    const child = childOf(keeper);
    this.all.add(child);
    void child.ended.then(() => this.all.delete(child));
    return child;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.all].map((child) => child.stop()));
  }
}

function childOf(keeper: ChildProcess): Child {
  const ended = new Promise<number>((resolve) => {
    keeper.once('error', () => resolve(127));
    // `close` comes after the last output, `exit` may come before it.
    keeper.once('close', (code) => resolve(code ?? 1));
  });
  return {
    ended,
    running: () => keeper.exitCode === null && keeper.signalCode === null,
    stop: async () => {
      keeper.stdin?.end();
      await ended;
    },
  };
}
