// Runs one function as bundled, in a process of its own, as Lambda does: environment, module format, one event at a time.
import { createRequire } from 'node:module';

const { handler } = createRequire(import.meta.url)(process.argv[2]);

process.on('message', async ({ id, event, milliseconds }) => {
  const deadline = Date.now() + milliseconds;
  const context = {
    awsRequestId: `request-${id}`,
    functionName: 'function',
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    process.send({ id, answer: await handler(event, context) });
  } catch (error) {
    process.send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
});
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
process.send({ ready: true });
