// Whoever reads may have read enough (`| head`), and closes the pipe.

/**
 * Exit code of a program which SIGPIPE ends: that of a verdict would say that all of it was told.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 (2026-11-30)
 */
const SIGPIPE_EXIT = 128 + 13;

let endless = false;

/**
 * Lets a command outlive its readers: one that changes something would end in the middle of it, at its next line. What nobody reads any
 * more is dropped, and the exit code says so unless the command has one of its own.
 */
export function outliveReaders(): void {
  let left = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (endless) process.exit(SIGPIPE_EXIT);
      left = true;
    });
  }
  process.on('exit', (code) => {
    if (left && code === 0) process.exitCode = SIGPIPE_EXIT;
  });
}

/** Ends a command that would go on for ever, and only tells, with whoever reads it. */
export function endWithReaders(): void {
  endless = true;
}
