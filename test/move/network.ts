import { execFileSync } from 'node:child_process';

/** Who comes to a server by an address of its own, so that the way of each can be cut alone. */
export type Way = 'users' | 'mover' | 'peer';

const LAST: Readonly<Record<Way, number>> = { users: 1, mover: 2, peer: 3 };
const WAYS: readonly Way[] = ['users', 'mover', 'peer'];

export function addressOf(server: number, way: Way): string {
  return `127.1.${server}.${LAST[way]}`;
}

export function addressesOf(server: number): string[] {
  return WAYS.map((way) => addressOf(server, way));
}

function change(verb: 'add' | 'delete', server: number, ways: readonly Way[]): void {
  const elements = ways.map((way) => addressOf(server, way)).join(', ');
  execFileSync('nft', [verb, 'element', 'ip', 'moves', 'cut', `{ ${elements} }`], { stdio: 'pipe' });
}

/** Loses whatever is sent to a server or comes from it, both ways and without a word, until `heal`. */
export function cut(server: number, ways: readonly Way[] = WAYS): void {
  change('add', server, ways);
}

export function heal(server: number, ways: readonly Way[] = WAYS): void {
  change('delete', server, ways);
}

/** One connection to a server, as its client sees it. */
export interface Connection {
  readonly remoteAddress: string;
  readonly localPort: number;
}

/**
 * Loses whatever comes by one connection, both ways and without a word, while the others go on.
 *
 * @returns Ends that: the next one may have the same port.
 */
export function lose({ remoteAddress, localPort }: Connection): () => void {
  const element = `{ ${remoteAddress} . ${localPort} }`;
  const change = (verb: 'add' | 'delete'): void => {
    execFileSync('nft', [verb, 'element', 'ip', 'moves', 'lost', element], { stdio: 'pipe' });
  };
  change('add');
  return () => change('delete');
}
