import { type FleetNode, isComing, isInService } from '../environment/fleet-nodes';
import type { RollHow } from '../environment/node-scripts';
import type { NodeStatus, Told } from '../environment/node-status';
import { OperatorError } from '../environment/operator-error';

/** Nodes of an environment as a rollout sees them. */
export interface Fleet {
  /** Nodes that run releases, or will: the present state, at each call. */
  readonly nodes: () => Promise<readonly FleetNode[]>;
  readonly statusOf: (id: string) => Promise<Told>;
  /** Has a node roll itself to a release, and waits for it. */
  readonly roll: (id: string, uri: string, how?: RollHow) => Promise<Rolled>;
  /** Waits until the next look. */
  readonly pause: () => Promise<void>;
}

/** End of a rollout on a node: it runs the new release, the old one and why, or it is no more. */
export type Rolled = { readonly end: 'runs' | 'gone' } | { readonly end: 'failed'; readonly reason: string };

export interface RolloutProps {
  readonly fleet: Fleet;
  readonly uri: string;
  /** `migrate` to have the first node migrate the schema before; `again` to have all of them start anew what they run. */
  readonly how?: RollHow;
  /** Name of the release for people. */
  readonly release: string;
  readonly say: (line: string) => void;
  /** Called when every node in service runs it: what boots from then on is decided. */
  readonly decide: () => Promise<void>;
  /** Takes the decision back: nodes that boot from then on run what they did before. */
  readonly undecide: () => Promise<void>;
  /** Looks, at most, at a node that does not tell its state; left out, MOST_LOOKS. */
  readonly patience?: number;
  /** Called before each node: throws when somebody else is at work on the nodes by now. */
  readonly mayGoOn: () => Promise<void>;
}

/** Nodes that may leave while they are rolled, as instances do now and then. */
const MOST_THAT_LEAVE = 2;

/** Looks at a fleet, while a node boots that may have read what was before: so many at most. */
export const MOST_LOOKS = 450;

/**
 * Rolls every node in service to a release, one after the other, and looks at the fleet again until there is no other. A
 * node that fails ends it: those that were rolled before are rolled back to what they ran.
 */
export class Rollout {
  /** Node at work now, for whoever interrupts. */
  atWork?: FleetNode;
  /** True while nodes are rolled back. */
  goingBack = false;
  readonly done = new Set<string>();
  /** Nodes that this rollout has rolled, each with the address of the release before. */
  private readonly before = new Map<FleetNode, string>();
  private migrating: boolean;
  private left = 0;
  private decided = false;

  constructor(private readonly props: RolloutProps) {
    this.migrating = props.how === 'migrate';
  }

  /** Address of the release that the nodes go back to; undefined when none was rolled. */
  get ranBefore(): string | undefined {
    return [...this.before.values()].find((uri) => uri !== 'none');
  }

  /** @throws OperatorError with the reason of the node that failed, or that could not be asked. */
  async run(): Promise<void> {
    const { fleet, release, say, decide, mayGoOn } = this.props;
    if (!(await this.rollAll())) {
      throw new OperatorError('no node is in service: look with `beamstalk status`, and at the group of the fleet');
    }
    await mayGoOn();
    await decide();
    this.decided = true;
    // Nodes that read what boots before it was decided come with the old release.
    let waits = false;
    for (let look = 0; look < MOST_LOOKS; look++) {
      await this.rollAll();
      // One look for both: a node may come into service between two.
      const due = (await fleet.nodes()).filter(
        (node) => !this.done.has(node.id) && (isComing(node) || isInService(node)),
      );
      if (due.length === 0) return;
      const coming = due.filter(isComing);
      if (coming.length > 0 && !waits) say(`waits for ${coming.map(({ id }) => id).join(', ')}, which boot`);
      waits ||= coming.length > 0;
      await fleet.pause();
    }
    say(`a node still boots; it runs ${release} if it began to after this, else \`beamstalk status\` shows it`);
  }

  /** Rolls those in service that are not rolled yet; false when no node is in service at all. */
  private async rollAll(): Promise<boolean> {
    for (;;) {
      const inService = (await this.props.fleet.nodes()).filter(isInService);
      const due = inService.find(({ id }) => !this.done.has(id));
      if (due === undefined) return inService.length > 0;
      await this.props.mayGoOn();
      await this.rollOne(due);
    }
  }

  private async rollOne(node: FleetNode): Promise<void> {
    const { fleet, uri, release, say, how } = this.props;
    this.atWork = node;
    const status = await this.idle(node);
    if (status === undefined) {
      this.atWork = undefined;
      return;
    }
    // One that an earlier rollout or deployment has left half way is brought back by its own script.
    if (status.uri === uri && status.healthy && !status.left && !status.draining && how !== 'again') {
      say(`${node.id} (${node.role}) runs ${release} already`);
      this.settle(node);
      return;
    }
    const what = how === 'again' ? `${release} starts anew` : `${status.release} -> ${release}`;
    say(`${node.id} (${node.role}): ${what}${this.migrating ? ', with the migration' : ''}`);
    const rolled = await fleet.roll(node.id, uri, how === 'migrate' && !this.migrating ? undefined : how);
    if (rolled.end === 'gone') {
      say(`${node.id} (${node.role}) has left the fleet meanwhile`);
      this.atWork = undefined;
      this.left += 1;
      if (this.left < MOST_THAT_LEAVE) return;
      // A release that takes its node with it would take all of them.
      await this.goBack();
      throw new OperatorError(
        `${release} is not rolled out: ${this.left} nodes have left the fleet while they were rolled; look at the activity of the group, and at \`beamstalk logs\``,
      );
    }
    if (rolled.end === 'failed') {
      await this.goBack();
      throw new OperatorError(`${release} is not rolled out: ${node.id} (${node.role}): ${rolled.reason}`);
    }
    this.migrating = false;
    // A node that started anew runs what it did before.
    if (how !== 'again') this.before.set(node, status.uri);
    this.settle(node);
  }

  private settle(node: FleetNode): void {
    this.done.add(node.id);
    this.atWork = undefined;
  }

  /** State of a node, once no earlier rollout is at work there; undefined when it has left. */
  private async idle(node: FleetNode): Promise<NodeStatus | undefined> {
    const { fleet, say } = this.props;
    for (let look = 0; ; look++) {
      const told = await fleet.statusOf(node.id);
      if ('status' in told && (!told.status.rolling || look >= MOST_LOOKS)) return told.status;
      if ('unknown' in told) {
        const isThere = (await fleet.nodes()).some((one) => one.id === node.id && isInService(one));
        if (!isThere) return undefined;
        // Without a launch hook a node is in service as soon as its instance runs, and boots for minutes.
        if (look >= (this.props.patience ?? MOST_LOOKS)) {
          await this.goBack();
          throw new OperatorError(
            `${node.id} (${node.role}) does not tell its state: ${told.unknown}; nothing was changed there`,
          );
        }
        if (look === 0)
          say(`${node.id} (${node.role}) does not tell its state yet, and may boot: waits for it (${told.unknown})`);
      } else if (look === 0) {
        say(`${node.id} (${node.role}) boots, or is at work with an earlier rollout: waits for it`);
      }
      await fleet.pause();
    }
  }

  /** Rolls nodes back, the last first; what cannot be, is said and left as it is. */
  private async goBack(): Promise<void> {
    const { fleet, say } = this.props;
    // Whoever has taken over rolls forward what this one would roll back.
    await this.props.mayGoOn();
    this.goingBack = true;
    // First: a node that boots while the others go back takes what they go back to.
    if (this.decided) await this.props.undecide();
    for (const [node, uri] of [...this.before].reverse()) {
      const { id } = node;
      if (uri === 'none') {
        say(`${id} had no release before: it goes on with the new one`);
        continue;
      }
      say(`${id} goes back to ${uri}`);
      this.atWork = node;
      const rolled = await fleet.roll(id, uri).catch((error: unknown): Rolled => {
        if (error instanceof OperatorError) return { end: 'failed', reason: error.message };
        throw error;
      });
      if (rolled.end === 'failed') say(`${id} does not go back, and serves the new release: ${rolled.reason}`);
      if (rolled.end !== 'failed') this.done.delete(id);
    }
  }
}
