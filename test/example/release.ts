import { freePort } from '../rehearsal/free-port';
import { type Ended, type Environment, run, type Service, start, until } from './machine';

/** A node that runs the release of the example. */
export interface Node extends Service {
  readonly url: string;
  /** Its name among nodes. */
  readonly name: string;
  /** Runs a program of the release in the node's environment, as `run-release.sh` does. */
  readonly program: (...words: string[]) => Promise<Ended>;
}

let nodes = 0;

/** Runs `bin/migrate` of a release. */
export function migrate(environment: Environment, release = '/release'): Promise<Ended> {
  return run('beamstalk', { HOME: '/home/beamstalk', ...environment }, [`${release}/bin/migrate`]);
}

/** Starts a node and waits until it answers. */
export async function startNode(environment: Environment): Promise<Node> {
  const port = await freePort();
  const name = environment['RELEASE_NODE'] ?? `counter${++nodes}@127.0.0.1`;
  const all = {
    ...{ HOME: '/home/beamstalk', PORT: String(port), RELEASE_DISTRIBUTION: 'name', RELEASE_NODE: name },
    ...{ RELEASE_COOKIE: 'one-for-all', RELEASE_TMP: `/tmp/${name}`, AWS_REGION: 'eu-central-1' },
    ...environment,
  };
  const service = start('beamstalk', all, ['/release/bin/server']);
  const url = `http://127.0.0.1:${port}`;
  try {
    await until('the release', async () => (await fetch(url)).ok, 60);
  } catch (error) {
    throw new Error(`${String(error)}\n${service.output()}`);
  }
  return { ...service, url, name, program: (...words) => run('beamstalk', all, words) };
}

/** Body of an answer that is JSON. */
export async function json(url: string, options: RequestInit = {}): Promise<Readonly<Record<string, unknown>>> {
  return (await (await fetch(url, options)).json()) as Readonly<Record<string, unknown>>;
}

/** Status of an answer. */
export async function status(url: string, options: RequestInit = {}): Promise<number> {
  const answer = await fetch(url, options);
  await answer.arrayBuffer();
  return answer.status;
}
