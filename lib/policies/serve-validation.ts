import { workerData } from 'node:worker_threads';
import { expectTypes, startedValidator, validate } from './started-validator';
import { type ThreadAnswer, type ThreadData, type ThreadRequest, wake } from './validation-thread';

/** The other end of a `ValidationThread`: starts the validator, and validates what it is asked to. */
export function serveValidation(): void {
  const { port, state } = workerData as ThreadData;
  // Nobody may wait for a thread that has ended, whatever ended it.
  process.once('exit', () => wake(state, 'ended'));
  const validator = startedValidator();
  port.on('message', (request: ThreadRequest) => {
    if (request.kind === 'expect') return expectTypes(validator, request.types);
    const report = validate(validator, request.stackTemplates);
    port.postMessage({ report, version: validator.version } satisfies ThreadAnswer);
    wake(state, 'answered');
  });
}
