import { join } from 'node:path';
import { isValidated } from '../lib/config/is-validated';
import { ValidationThread } from '../lib/policies/validation-thread';

const thread = isValidated() ? new ValidationThread(join(import.meta.dirname, 'validation.cjs')) : undefined;

// Loading the constructs library takes a while, for which the thread does not wait.
void import('./app/synth').then(({ synth }) => synth(thread));
