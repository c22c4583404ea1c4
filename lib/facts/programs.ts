/** A package of a node's operating system, and what of it the scripts of a node run. */
export interface Package {
  readonly programs: readonly string[];
  /** `image`: the maker's own image has it. `boot`: a script installs it before it is used. */
  readonly by: 'image' | 'boot';
  /** Page that documents it, with the day on which that was read or stored; `assumed` says what could not be read. */
  readonly source: string;
}

const AL2023 = 'https://docs.aws.amazon.com/linux/al2023/release-notes';
const TRIXIE = 'dpkg -S on Debian 13 (test/boot, 2026-11-29)';
/** Amazon's lists of what is in an image name what changed in it, not all of it. */
const ASSUMED =
  'assumed to be in the standard image, which cloud-init, dnf and systemd need it for; the minimal image was not looked at';

const inImage = (source: string, ...programs: readonly string[]): Package => ({ programs, by: 'image', source });
const byBoot = (source: string, ...programs: readonly string[]): Package => ({ programs, by: 'boot', source });

const COREUTILS = [
  ...[
    'basename',
    'cat',
    'chmod',
    'chown',
    'cp',
    'cut',
    'date',
    'dirname',
    'head',
    'id',
    'install',
    'ln',
    'mkdir',
    'mv',
  ],
  ...[
    'mktemp',
    'od',
    'paste',
    'readlink',
    'realpath',
    'rm',
    'seq',
    'sha256sum',
    'sleep',
    'sort',
    'stat',
    'tail',
    'tee',
    'timeout',
    'touch',
  ],
  ...['tr', 'uname', 'wc', 'env'],
] as const;

/**
 * Package of each program that a script of a node runs, on Amazon Linux 2023. The scripts install nothing that
 * is not in here, and run nothing that nobody brings (test/facts/programs.test.ts).
 */
const AMAZON_LINUX_2023 = {
  'amazon-cloudwatch-agent': byBoot(`${AL2023}/relnotes-2023.12.20260928.html (2026-11-29): 1.300071.0`),
  'awscli-2': inImage(
    `${AL2023}/relnotes-2023.12.20260831.html (2026-08-31) has the image of that release; ${ASSUMED}`,
    'aws',
  ),
  bash: inImage(ASSUMED, 'bash'),
  certbot: byBoot(
    `${AL2023}/relnotes-2023.3.20231211.html (2026-11-29): 2.6.0, and still in July 2026 (amazonlinux/amazon-linux-2023#1114)`,
    'certbot',
  ),
  coreutils: inImage(ASSUMED, ...COREUTILS),
  'curl-minimal': inImage(`https://docs.aws.amazon.com/linux/al2023/ug/curl-minimal.html (2026-11-29)`, 'curl'),
  diffutils: inImage(ASSUMED, 'cmp'),
  dnf: inImage(ASSUMED, 'dnf'),
  e2fsprogs: byBoot(`${AL2023}/vercmp-AL2-AL2023.12.html (2026-09)`, 'mkfs.ext4', 'resize2fs'),
  findutils: inImage(ASSUMED, 'find', 'xargs'),
  gawk: inImage(ASSUMED, 'awk'),
  glibc: inImage(ASSUMED, 'ldd', 'getent'),
  grep: inImage(ASSUMED, 'grep'),
  gzip: inImage(ASSUMED, 'gzip'),
  iproute: inImage(ASSUMED, 'ss', 'ip'),
  nftables: byBoot(`${AL2023}: nftables-1.0.4-3.amzn2023.0.3 in the notes of 2026-09`),
  nginx: byBoot(`${AL2023}/relnotes-2023.6.20250218.html (2026-11-29); 1.30.4 in the notes of 2026-09`, 'nginx'),
  'nginx-mod-stream': byBoot(`${AL2023}/relnotes-2023.6.20250218.html (2026-11-29)`),
  nodejs22: byBoot(
    'https://docs.aws.amazon.com/linux/al2023/ug/nodejs.html (2026-11-30): the active version is `node`',
    'node',
  ),
  openssl: inImage(`${AL2023}/relnotes-2023.12.20260831.html (2026-08-31)`, 'openssl'),
  postgresql17: byBoot(
    `${AL2023}/relnotes-2023.12.20260831.html (2026-08-31): 17.11`,
    'psql',
    'pg_dump',
    'pg_restore',
    'pg_isready',
  ),
  'postgresql17-contrib': byBoot('assumed: built of the same source as postgresql17-server, as that of 15 is'),
  'postgresql17-server': byBoot(
    `${AL2023}: an RPM of postgresql17 in the comparison of packages of 2026-09`,
    'initdb',
    'postgres',
  ),
  'procps-ng': inImage(ASSUMED, 'sysctl', 'kill'),
  python3: inImage(`${AL2023}/relnotes-2023.12.20260831.html (2026-08-31)`, 'python3'),
  rpm: inImage(ASSUMED, 'rpm'),
  ruby: byBoot(
    'https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations-install-linux.html (2026-11-21)',
  ),
  sed: inImage(ASSUMED, 'sed'),
  'shadow-utils': inImage(ASSUMED, 'useradd'),
  systemd: inImage(ASSUMED, 'journalctl', 'systemctl', 'systemd-cat', 'shutdown'),
  tar: inImage(ASSUMED, 'tar'),
  'util-linux': inImage(
    ASSUMED,
    'blkid',
    'findmnt',
    'flock',
    'mount',
    'mountpoint',
    'runuser',
    'setpriv',
    'setsid',
    'swapoff',
  ),
  xfsprogs: byBoot(
    `${AL2023}/relnotes-2023.12.20260831.html (2026-08-31): the image's own file system is XFS; assumed by this name`,
    'xfs_growfs',
  ),
} as const satisfies Record<string, Package>;

/** The same on Debian 13: on the image for EC2, whose cloud-init brings python3. */
const DEBIAN_13 = {
  awscli: byBoot(TRIXIE, 'aws'),
  apt: inImage(TRIXIE, 'apt-get'),
  bash: inImage(TRIXIE, 'bash'),
  certbot: byBoot('https://packages.debian.org/trixie/certbot (2026-11-29)', 'certbot'),
  coreutils: inImage(TRIXIE, ...COREUTILS),
  curl: byBoot(TRIXIE, 'curl'),
  diffutils: inImage(TRIXIE, 'cmp'),
  dpkg: inImage(TRIXIE, 'dpkg'),
  e2fsprogs: byBoot(TRIXIE, 'mkfs.ext4', 'resize2fs'),
  findutils: inImage(TRIXIE, 'find', 'xargs'),
  gpg: byBoot(TRIXIE, 'gpg'),
  grep: inImage(TRIXIE, 'grep'),
  gzip: inImage(TRIXIE, 'gzip'),
  iproute2: inImage(TRIXIE, 'ss', 'ip'),
  'libc-bin': inImage(TRIXIE, 'ldd', 'getent'),
  'libnginx-mod-stream': byBoot(TRIXIE),
  mawk: inImage(TRIXIE, 'awk'),
  mount: inImage(TRIXIE, 'mount', 'swapoff'),
  nginx: byBoot(TRIXIE, 'nginx'),
  nodejs: byBoot('https://packages.debian.org/trixie/nodejs (2026-11-30): 20.19', 'node'),
  openssl: inImage(TRIXIE, 'openssl'),
  passwd: inImage(TRIXIE, 'useradd'),
  'postgresql-17': byBoot(TRIXIE, 'initdb', 'postgres'),
  'postgresql-client-17': byBoot(TRIXIE, 'pg_dump', 'pg_restore', 'pg_isready', 'psql'),
  procps: inImage(TRIXIE, 'sysctl', 'kill'),
  'python3-minimal': inImage(TRIXIE, 'python3'),
  sed: inImage(TRIXIE, 'sed'),
  systemd: inImage(TRIXIE, 'journalctl', 'systemctl', 'systemd-cat'),
  'systemd-sysv': inImage(TRIXIE, 'shutdown'),
  tar: inImage(TRIXIE, 'tar'),
  'util-linux': inImage(TRIXIE, 'blkid', 'findmnt', 'flock', 'mountpoint', 'runuser', 'setpriv', 'setsid'),
  xfsprogs: byBoot('https://packages.debian.org/trixie/xfsprogs (2026-11-29)', 'xfs_growfs'),
} as const satisfies Record<string, Package>;

/** By the name that the configuration gives the image. */
export const PROGRAMS: Readonly<Record<'amazon-linux-2023' | 'debian-13', Readonly<Record<string, Package>>>> = {
  'amazon-linux-2023': AMAZON_LINUX_2023,
  'debian-13': DEBIAN_13,
};
