import { GLIBC_OF, type NodeImage } from '../../../facts/node-images';
import { OperatorError } from '../../environment/operator-error';
import type { Archive } from './archive';
import type { Machine, NativeCode } from './native-code';

/** A release that the nodes of an environment can run. */
export interface CheckedRelease {
  /** Name by which its start script is called. */
  readonly name: string;
  readonly version: string;
}

/** Machines of an environment, as its configuration says. */
export interface Nodes {
  readonly architecture: Machine;
  readonly image: NodeImage;
}

/** Names and versions that nodes take: RELEASE_WORD of lib/node/boot/lib.sh. */
export const RELEASE_WORD = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}$/;

const CPU: Readonly<Record<Machine, string>> = { amd64: 'x86_64', arm64: 'aarch64' };

/**
 * Refuses a file that is no release of mix or relx, or that a node would refuse, by the rules of
 * lib/node/boot/files/bin/unpack-release.sh and lib/node/boot/steps/check.sh and in their words. What only the node can
 * say, whether every library is installed there, it says itself when it takes the release.
 *
 * @throws OperatorError with the first thing that is wrong, and what to do.
 */
export function checkArchive(file: string, { members, hasPrograms }: Archive, nodes: Nodes): CheckedRelease {
  const refuse = (why: string, remedy: string): never => {
    throw new OperatorError(`${file} ${why}: ${remedy}`);
  };
  const started = members.get('releases/start_erl.data')?.text;
  if (started === undefined) {
    return refuse(
      'is no release: releases/start_erl.data is missing',
      'push the .tar.gz that `mix release` or `rebar3 as prod tar` writes',
    );
  }
  if (!hasPrograms)
    return refuse('is no release: it has no bin folder', 'pack the whole release, with bin, erts, lib and releases');
  const [, version = ''] = started.trim().split(/\s+/);
  if (!RELEASE_WORD.test(version)) {
    return refuse(
      `has the version ${JSON.stringify(version)}`,
      'a version is a word of letters, digits, and . _ + - after the first',
    );
  }
  // The last one counts, as in start_script of lib/node/boot/lib.sh.
  const name = [...members.keys()]
    .flatMap((path) => path.match(/^releases\/([^/]+)\/([^/]+)\.rel$/)?.slice(1) ?? [])
    .flatMap((word, index, words) => (index % 2 === 1 && words[index - 1] === version ? [word] : []))
    .sort()
    .filter((word) => RELEASE_WORD.test(word) && members.get(`bin/${word}`)?.executable)
    .at(-1);
  if (name === undefined) {
    return refuse(
      `has no start script: of no releases/${version}/<name>.rel there is an executable bin/<name>`,
      'pack it as `mix release` or relx made it',
    );
  }
  if (!RELEASE_WORD.test(`${name}-${version}`)) {
    return refuse(
      `has a name and a version of ${name.length + version.length} characters`,
      'together they may have 127',
    );
  }
  const release = `release ${name}-${version}`;
  const natives = [...members].flatMap(([path, { native }]) => (native === undefined ? [] : [{ path, native }]));
  const beam = natives.find(({ path }) => path.startsWith('erts-'));
  if (beam === undefined) {
    return refuse(
      'carries no Erlang runtime (erts-*/bin/beam.smp)',
      'build it with include_erts: true, on the system that nodes run',
    );
  }
  checkRuntime(release, beam.native, natives, nodes);
  return { name, version };
}

function checkRuntime(
  release: string,
  beam: NativeCode,
  natives: readonly { readonly path: string; readonly native: NativeCode }[],
  { architecture, image }: Nodes,
): void {
  if (beam.machine === undefined) {
    throw new OperatorError(`${release}: beam.smp is no program for x86_64 or aarch64: build it on ${image}`);
  }
  if (beam.machine !== architecture) {
    throw new OperatorError(
      `${release} was built for ${CPU[beam.machine]}, nodes are ${CPU[architecture]}: build it there, or set release.architecture=${beam.machine} and an instance type of that CPU`,
    );
  }
  if (beam.musl) {
    throw new OperatorError(`${release} was built against musl (Alpine Linux), nodes have glibc: build it on ${image}`);
  }
  const newest = natives.reduce((most, one) => (one.native.glibcMinor > most.native.glibcMinor ? one : most), {
    path: '',
    native: beam,
  });
  const has = GLIBC_OF[image];
  if (newest.native.glibcMinor > Number(has.split('.')[1])) {
    const where = newest.path === '' || newest.path.startsWith('erts-') ? '' : ` (${newest.path})`;
    throw new OperatorError(
      `${release} needs glibc 2.${newest.native.glibcMinor}${where}, nodes have ${has}: build it on ${image}, or set node.image to a newer one`,
    );
  }
}
