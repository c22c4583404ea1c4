import { z } from 'zod';
import { acceptanceSchema } from '../facts/acceptance';

/** Findings of `beamstalk diff` that a team accepts. */
export const acceptedSettings = {
  accepted: z
    .array(acceptanceSchema, 'a list of entries with rule, resource, reason and until')
    .describe(
      'Removals that `beamstalk diff` refuses and the team really wants, one resource each (docs/accepting.md). Taken out again once they are deployed.',
    ),
};
