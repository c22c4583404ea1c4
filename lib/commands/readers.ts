// Whoever reads may have read enough (`| head`), and closes the pipe.

/**
 * Exit code of a program which SIGPIPE ends: that of a verdict would say that all of it was told.
 * Source: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_08_02 (2026-11-30)
 */
const SIGPIPE_EXIT = 128 + 13;

/** Codes of a pipe, and of a terminal, that nobody reads any more; others are of a disk that is full or broken. */
const LEFT: readonly string[] = ['EPIPE', 'EIO'];

let endless = false;

/**
 * Lets a command outlive its readers: one that changes something would end in the middle of it, at its next line. What nobody reads any
 * more is dropped, and the exit code says so unless the command has one of its own.
 */
export function outliveReaders(): void {
  let exitCode: number | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', ({ code = '', message }: NodeJS.ErrnoException) => {
      const hasLeft = LEFT.includes(code);
      if (hasLeft && endless) process.exit(SIGPIPE_EXIT);
      if (!hasLeft && exitCode === undefined && stream === process.stdout) {
        process.stderr.write(`beamstalk: what is printed goes nowhere: ${message}\n`);
      }
      exitCode ??= hasLeft ? SIGPIPE_EXIT : 1;
    });
  }
  process.on('exit', (code) => {
    if (exitCode !== undefined && code === 0) process.exitCode = exitCode;
  });
}

/** Ends a command that would go on for ever, and only tells, with whoever reads it. */
export function endWithReaders(): void {
  endless = true;
}
