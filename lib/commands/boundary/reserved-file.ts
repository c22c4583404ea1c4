import { closeSync, existsSync, fstatSync, openSync, realpathSync, rmSync, statSync } from 'node:fs';

/**
 * Makes a file that is written later, or sees that the one there can be written: what has been found after minutes is not to be lost.
 *
 * @returns Removes the file when it was made here and nothing has been written to it: read as a load test, an empty file is a broken one.
 * @throws Error of the file system when it cannot be written.
 */
export function reserved(file: string): () => void {
  const { descriptor, isMade } = opened(file);
  const { dev, ino } = fstatSync(descriptor);
  closeSync(descriptor);
  if (!isMade) return () => undefined;
  // A link to it was there before.
  const made = realpathSync(file);
  return () => {
    const now = statSync(made, { throwIfNoEntry: false });
    if (now?.size === 0 && now.dev === dev && now.ino === ino) rmSync(made);
  };
}

function opened(file: string): { readonly descriptor: number; readonly isMade: boolean } {
  try {
    return { descriptor: openSync(file, 'wx'), isMade: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    // A link that leads nowhere is there, and its file is not.
    const isMade = !existsSync(file);
    return { descriptor: openSync(file, 'a'), isMade };
  }
}
