import { createInterface } from 'node:readline/promises';

/** Asks at the terminal; everything but `yes` is no, and so is the end of the signal. */
export async function isYes(question: string, signal?: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // While it reads, a Ctrl-C comes to it alone.
  terminal.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return (await terminal.question(`${question} Type yes: `, { ...(signal && { signal }) })).trim() === 'yes';
  } catch (error) {
    // Ctrl-D, or a terminal that has gone.
    if (error instanceof Error && error.name === 'AbortError') return false;
    throw error;
  } finally {
    terminal.close();
  }
}
