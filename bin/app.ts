import { join } from 'node:path';
import { ValidationThread } from '../lib/policies/validation-thread';

// The CDK has no validation either where its own variable says so.
const validates = process.env['CDK_VALIDATION'] !== 'false';
const thread = validates ? new ValidationThread(join(import.meta.dirname, 'validation.cjs')) : undefined;

// Loading the constructs library takes a while, for which the thread does not wait.
void import('./app/synth').then(({ synth }) => synth(thread));
