const ROLES: ReadonlySet<string> = new Set(['box', 'web', 'app', 'worker']);

/** What a proxy reads: whom it asks. The name it answers to is its load balancer's business. */
const OF_A_PROXY = /^ingress\/app-endpoint$/;

/** What only the single server reads. */
const OF_A_BOX = /^box\//;

/** What is below these topics is read whatever its name: see lib/node/boot/steps/release.sh. */
const OF_A_RELEASE =
  /^(app|cache|database|documents|graph|queues|release|shards|storage|tables|wide-columns)\/|^ingress\/domain$/;

/** What nodes ask for again while they live: a change of it needs no other node. */
const LIVE: ReadonlySet<string> = new Set([
  // Every few seconds, by files/bin/pressure.sh.
  'pressure/shed',
  // By files/bin/deploy.sh, with each deployment.
  'delivery/target-groups',
]);

/**
 * Whether a node of a role reads a parameter when it boots, and not again: another value reaches it by another node.
 *
 * @param role `box`, `web`, `app` or `worker`; others read nothing.
 * @param name Below `/beamstalk/<environment>/`.
 */
export function isReadAtBoot(role: string, name: string): boolean {
  if (LIVE.has(name) || !ROLES.has(role)) return false;
  if (role === 'web') return OF_A_PROXY.test(name);
  // The address of the certificate's owner, `ingress/email`, is read by each renewal.
  return OF_A_RELEASE.test(name) || name === `logs/${role}` || (role === 'box' && OF_A_BOX.test(name));
}
