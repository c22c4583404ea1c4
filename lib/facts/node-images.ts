/**
 * Version of the C library (glibc) of each operating system that nodes run on, as `ldd --version` prints it there. A
 * program that was linked against a newer one does not start.
 *
 * Sources: https://docs.aws.amazon.com/linux/al2023/ug/core-glibc.html (2.34),
 * https://packages.debian.org/trixie/libc6 (2.41) (2026-11-29)
 */
export const GLIBC_OF = { 'amazon-linux-2023': '2.34', 'debian-13': '2.41' } as const;

/** Names of the operating systems, as the configuration has them. */
export type NodeImage = keyof typeof GLIBC_OF;
