/** A question to another process, or its answer. */
interface Message {
  readonly id: number;
  readonly method?: string;
  readonly argument?: unknown;
  readonly result?: unknown;
  readonly error?: string;
}

export type Handlers = Readonly<Record<string, (argument: never) => unknown>>;

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

export function callsOver(channel: Channel, handlers: Handlers): Calls {
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

/** The end of a program of `startProgram`, which ends with its parent. */
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
