import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';

/** A question to another process, or its answer. */
interface Message {
  readonly id: number;
  readonly method?: string;
  readonly argument?: unknown;
  readonly result?: unknown;
  readonly error?: string;
}

type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

/** One end of a channel over which two processes ask each other. */
export interface Calls {
  /** @throws Error with the other's message, or when the other has ended. */
  readonly ask: <Result>(method: string, argument?: unknown) => Promise<Result>;
}

interface Channel {
  readonly send: (message: Message) => void;
  readonly onMessage: (take: (message: Message) => void) => void;
  readonly onEnd: (take: () => void) => void;
}

function callsOver(channel: Channel, handlers: Handlers): Calls {
  let asked = 0;
  let ended = false;
  const open = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  const answer = async ({ id, method = '', argument }: Message): Promise<void> => {
    try {
      channel.send({ id, result: await handlers[method]?.(argument as never) });
    } catch (error) {
      channel.send({ id, error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
    }
  };
  channel.onMessage((message) => {
    if (message.method !== undefined) {
      void answer(message);
      return;
    }
    const waiting = open.get(message.id);
    open.delete(message.id);
    if (message.error === undefined) waiting?.resolve(message.result);
    else waiting?.reject(new Error(message.error));
  });
  channel.onEnd(() => {
    ended = true;
    for (const { reject } of open.values()) reject(new Error('the other process has ended'));
    open.clear();
  });
  return {
    ask: <Result>(method: string, argument?: unknown) =>
      new Promise<Result>((resolve, reject) => {
        if (ended) return reject(new Error('the other process has ended'));
        const id = ++asked;
        open.set(id, { resolve: (result) => resolve(result as Result), reject });
        channel.send({ id, method, argument });
      }),
  };
}

export interface Forked extends Calls {
  readonly process: ChildProcess;
}

/** Starts a TypeScript program that answers by `callsToParent`. */
export function startProgram(path: string, handlers: Handlers = {}): Forked {
  const child = fork(path, { execArgv: ['--import', 'tsx', '--max-old-space-size=4096'] });
  const calls = callsOver(
    {
      send: (message) => {
        if (child.connected) child.send(message, () => undefined);
      },
      onMessage: (take) => child.on('message', take),
      onEnd: (take) => child.on('exit', take),
    },
    handlers,
  );
  return { process: child, ...calls };
}

/** The end of a program that was started so; it ends with its parent. */
export function callsToParent(handlers: Handlers): Calls {
  process.on('disconnect', () => process.exit(1));
  return callsOver(
    {
      send: (message) => process.send?.(message),
      onMessage: (take) => process.on('message', take),
      onEnd: () => undefined,
    },
    handlers,
  );
}
