import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { saidPlace, textOfPlace } from '../../climb/said-place';
import type { Move } from '../../move/move';
import { isLater } from '../../move/switch-number';

/** Parameter by which nodes of an environment know where their data are. */
export interface PlaceParameter {
  readonly name: string;
  readonly region: string;
  /** Address of Parameter Store, where the SDK would not find it by itself. */
  readonly endpoint?: string | undefined;
  /** Words for the two places. */
  readonly source: string;
  readonly target: string;
}

type Announcer = Pick<Move, 'announce' | 'prepareToAnnounce'>;

const CONNECT_MILLISECONDS = 3000;
const ANSWER_MILLISECONDS = 5000;
/** Calls for one word, whatever the surroundings say of retries. */
const TRIES = 3;

/** Runs a program, with `source` or `target` as its last argument. One that never ends would keep the mover, which has switched by then, from saying so. */
export function byProgram([program = '', ...args]: readonly string[], folder: string, seconds: number): Announcer {
  return {
    announce: async (serving) => {
      try {
        const options = { cwd: folder, timeout: seconds * 1000, killSignal: 'SIGKILL' } as const;
        await promisify(execFile)(program, [...args, serving], options);
      } catch (error) {
        if (!(error instanceof Error && 'killed' in error && error.killed === true)) throw error;
        throw new Error(`announce was ended after ${seconds} s, limits.patienceSeconds`);
      }
    },
  };
}

/**
 * Puts a parameter, by a connection and with credentials that are there before the freeze: users wait from the switch on
 * until the nodes hear of it, and the start of a program alone takes a second of a core that is busy.
 *
 * @param seconds Limit of a call with its tries.
 * @param answerMilliseconds Limit of one try.
 */
export function byParameter(
  parameter: PlaceParameter,
  seconds: number,
  answerMilliseconds = ANSWER_MILLISECONDS,
): Announcer {
  const { name: Name, region, endpoint } = parameter;
  let store: ReturnType<typeof connected> | undefined;
  async function connected() {
    const { GetParameterCommand, PutParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
    const client = new SSMClient({
      region,
      ...(endpoint !== undefined && { endpoint }),
      maxAttempts: TRIES,
      // Without the last an answer that does not come is only warned of, and the next try with it.
      requestHandler: {
        connectionTimeout: CONNECT_MILLISECONDS,
        requestTimeout: answerMilliseconds,
        throwOnRequestTimeout: true,
      },
    });
    const limit = () => ({ abortSignal: AbortSignal.timeout(seconds * 1000) });
    return {
      read: async (): Promise<string | undefined> => {
        try {
          return (await client.send(new GetParameterCommand({ Name }), limit())).Parameter?.Value;
        } catch (error) {
          if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
          throw error;
        }
      },
      write: (Value: string) =>
        client.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }), limit()),
    };
  }
  const opened = () => {
    store ??= connected();
    return store;
  };
  return {
    prepareToAnnounce: async (number) => {
      const said = saidPlace((await (await opened()).read()) ?? '').number;
      if (said === undefined || !isLater(said, number)) return;
      throw new Error(
        `${Name} tells of a later switch, which nodes go by: is this the move that users are in? If it is, put the word of where they write into ${Name}, without a number, and wait 20 s, in which each node reads it`,
      );
    },
    announce: async (serving, number) => {
      await (await opened()).write(textOfPlace({ place: parameter[serving], number }));
    },
  };
}
