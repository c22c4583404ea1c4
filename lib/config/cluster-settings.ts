import { z } from 'zod';
import { integer, oneOf } from './fields';

const cluster = z
  .strictObject({
    distribution: oneOf(
      ['tls', 'plain'],
      'How nodes of a fleet speak to each other: with mutual TLS, or plain within their security group, twice as fast. A change makes two meshes until the fleet has rolled.',
    ),
    certificateDays: integer(
      2,
      14,
      'Days for which the certificate of a node is good, and a copy that somebody took; it is renewed after half of them, without a restart.',
    ),
  })
  .describe('Erlang distribution between the nodes of a fleet (phase 2 and later).');

/** Settings of what joins nodes. */
export const joined = { cluster };
