const ROLES: ReadonlySet<string> = new Set(['box', 'web', 'app', 'worker', 'mover']);

/** Parameter of a proxy: the endpoint that it passes requests on to. Its own name is known to its load balancer. */
const OF_A_PROXY = /^ingress\/app-endpoint$/;

/** Parameters that only the single server reads. */
const OF_A_BOX = /^box\//;

/** Topics of which a release reads every parameter: see lib/node/boot/steps/release.sh. */
const OF_A_RELEASE =
  /^(app|cache|database|documents|graph|queues|release|shards|storage|tables|wide-columns)\/|^ingress\/domain$/;

/** Parameters that nodes read again while they live: a change needs no new node. */
const LIVE: ReadonlySet<string> = new Set([
  // Every few seconds, by files/bin/pressure.sh.
  'pressure/shed',
  // By files/bin/deploy.sh, with each deployment.
  'delivery/target-groups',
  // By files/bin/cluster-certificate.sh, with each certificate.
  'cluster/function',
]);

/**
 * True when a node of a role reads a parameter only when it boots, so that another value needs another node.
 *
 * @param role `box`, `web`, `app`, `worker` or `mover`; others read nothing.
 * @param name Below `/beamstalk/<environment>/`.
 */
export function isReadAtBoot(role: string, name: string): boolean {
  if (LIVE.has(name) || !ROLES.has(role)) return false;
  if (role === 'web') return OF_A_PROXY.test(name);
  // All else it reads anew for each action.
  if (role === 'mover') return name === 'logs/mover';
  // The address of the certificate's owner, `ingress/email`, is read by each renewal.
  return OF_A_RELEASE.test(name) || (role === 'box' && OF_A_BOX.test(name)) || name === `logs/${role}`;
}
