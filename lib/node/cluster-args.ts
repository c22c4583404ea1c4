const FOLDER = '/etc/beamstalk/cluster';

/** Files of a node that `files/bin/cluster-certificate.sh` writes, and Erlang reads. */
const NODE = `${FOLDER}/node.pem`;
const AUTHORITIES = `${FOLDER}/authorities.pem`;

/**
 * Lines of `vm.args` by which distribution goes over TLS. For the node and for commands beside it, which it would not
 * listen to otherwise.
 */
export function clusterArgs(): string {
  return [
    '',
    '# Peers are spoken to over TLS, with a certificate on either side.',
    '-proto_dist inet_tls',
    `-ssl_dist_optfile ${FOLDER}/tls.conf`,
    '',
  ].join('\n');
}

/**
 * Options of TLS for distribution, as Erlang reads them. The version is said, because OTP 27 would take 1.2 for distribution by
 * itself; certificate and key are one file, so that a rename changes both at once.
 *
 * Source: https://www.erlang.org/doc/apps/ssl/ssl_distribution.html (2026-11-30)
 */
export function clusterTls(): string {
  const both = [
    `{certfile, "${NODE}"}`,
    `{keyfile, "${NODE}"}`,
    `{cacertfile, "${AUTHORITIES}"}`,
    '{verify, verify_peer}',
    "{versions, ['tlsv1.3']}",
  ];
  const side = (name: string, options: readonly string[]): string => ` {${name}, [\n  ${options.join(',\n  ')}\n ]}`;
  return `[\n${[side('server', [...both, '{fail_if_no_peer_cert, true}']), side('client', both)].join(',\n')}\n].\n`;
}
