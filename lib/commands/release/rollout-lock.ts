import { hostname, userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { z } from 'zod';
import type { DeployedParameters } from '../environment/deployed-parameters';
import { harmless } from '../environment/harmless';
import { OperatorError } from '../environment/operator-error';

/** Parameter that is there while a rollout is under way. */
export const LOCK = 'delivery/rollout';

const lockSchema = z.object({
  /** Address of the release that is rolled out. */
  release: z.string(),
  /** User and machine. */
  by: z.string(),
  /** ISO 8601, UTC. */
  since: z.string(),
  /** Nodes that were in service when it began. */
  nodes: z.array(z.string()),
});

/** A rollout under way. */
export type RolloutLock = z.infer<typeof lockSchema>;

/** Reads the value of the parameter; undefined when it holds something else. */
export function lockIn(text: string): RolloutLock | undefined {
  try {
    return lockSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Words for a rollout under way. */
export function lockInWords(text: string): string {
  const lock = lockIn(text);
  if (lock === undefined) return `parameter ${LOCK} holds ${JSON.stringify(harmless(text).slice(0, 200))}`;
  return harmless(`${lock.release} by ${lock.by} since ${lock.since}`);
}

/** Looks at the parameter before it is believed that it has changed, and the time between two, in milliseconds. */
const LOOKS = 4;
const LOOK_MS = 300;

/** The one rollout of an environment at a time: Parameter Store makes a parameter once. */
export class HeldLock {
  private constructor(
    private readonly parameters: DeployedParameters,
    private readonly text: string,
  ) {}

  /**
   * @param takeOver True to go on in the place of whoever has it.
   * @throws OperatorError when somebody has it.
   */
  static async take(
    parameters: DeployedParameters,
    { release, nodes }: Pick<RolloutLock, 'release' | 'nodes'>,
    { takeOver, say }: { readonly takeOver: boolean; readonly say: (line: string) => void },
  ): Promise<HeldLock> {
    const lock: RolloutLock = { release, by: who(), since: new Date().toISOString(), nodes };
    const text = JSON.stringify(lock);
    if (!(await parameters.make(LOCK, text))) {
      const held = (await parameters.read([LOCK]))[LOCK];
      // Removed in between: that of another comes first.
      if (held === undefined) return HeldLock.take(parameters, { release, nodes }, { takeOver, say });
      if (!takeOver) {
        throw new OperatorError(
          `a rollout is under way: ${lockInWords(held)}; wait for its end, look with \`beamstalk status\`; when nobody is at work any more, run this again with --take-over`,
        );
      }
      say(`takes over: ${lockInWords(held)}`);
      await parameters.write(LOCK, text);
    }
    return new HeldLock(parameters, text);
  }

  /** @throws OperatorError when somebody else has taken over. */
  async mustBeHeld(): Promise<void> {
    const now = await this.seen();
    if (now === this.text) return;
    throw new LostLockError(
      now === undefined
        ? 'the parameter of this rollout was removed by somebody else: it ends here; look with `beamstalk status`'
        : `somebody else has taken over: ${lockInWords(now)}; this rollout ends here`,
    );
  }

  async release(): Promise<void> {
    if ((await this.seen()) === this.text) await this.parameters.remove(LOCK);
  }

  /** Value of the parameter now. One that was just written may be read as it was before: so another is read again. */
  private async seen(): Promise<string | undefined> {
    for (let look = 1; ; look++) {
      const now = (await this.parameters.read([LOCK]))[LOCK];
      if (now === this.text || look === LOOKS) return now;
      await setTimeout(LOOK_MS);
    }
  }
}

/** Somebody else rolls now: what this rollout has done is no longer its own to undo. */
export class LostLockError extends OperatorError {}

function who(): string {
  let user = 'somebody';
  try {
    user = userInfo().username;
  } catch {
    // A user without an entry, as in some containers.
  }
  return `${user}@${hostname()}`;
}
