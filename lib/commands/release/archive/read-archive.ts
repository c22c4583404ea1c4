import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { ReadEntry } from 'tar';
import { INTERRUPTED, OperatorError } from '../../environment/operator-error';
import type { Archive, Member } from './archive';
import { NativeCodeScan } from './native-code';

/** Paths that are looked at. All others are passed by, so that an archive of any size takes the same memory. */
const LOOKED_AT =
  /^(?:bin\/[^/]+|releases\/start_erl\.data|releases\/[^/]+\/[^/]+\.rel|erts-[^/]+\/bin\/beam\.smp|lib\/.+\.so)$/;
/** Members of a release that hold native code. */
const NATIVE = /(?:^|\/)erts-[^/]+\/bin\/beam\.smp$|\.so$/;
/** `<version of ERTS> <version of the release>` is longer in no release that nodes take. */
const MOST_TEXT = 1024;

/** So many paths of members are kept. A release has some hundreds. */
const MOST_MEMBERS = 100_000;

/**
 * Reads a gzipped tar once, as a stream.
 *
 * @throws OperatorError when it cannot be read, is no gzipped tar, or the signal ends it.
 */
export async function readArchive(file: string, signal?: AbortSignal): Promise<Archive> {
  const { Parser } = await import('tar');
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const found = new Map<string, Member>();
  const tops = new Set<string>();
  let problem: OperatorError | undefined;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const path = entry.path.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
      const [top = ''] = path.split('/');
      if (top !== '' && top !== '.') tops.add(top);
      const [, below = ''] = /^[^/]+\/(.*)$/.exec(path) ?? [];
      const isRelease = LOOKED_AT.test(path) || LOOKED_AT.test(below);
      if (isRelease && (found.size >= MOST_MEMBERS || tops.size >= MOST_MEMBERS)) {
        problem ??= new OperatorError(`${file} has more than ${MOST_MEMBERS} programs and libraries: it is no release`);
      }
      if (!isRelease || problem !== undefined) return void entry.resume();
      const member = { executable: ((entry.mode ?? 0) & 0o100) !== 0 || entry.type === 'SymbolicLink' };
      found.set(path, member);
      if (!/^(File|OldFile|ContiguousFile)$/.test(entry.type)) return void entry.resume();
      if (NATIVE.test(path)) {
        const scan = new NativeCodeScan();
        entry.on('data', (chunk: Buffer) => scan.add(chunk));
        entry.on('end', () => found.set(path, { ...member, native: scan.result }));
      } else if (path.endsWith('start_erl.data') && entry.size <= MOST_TEXT) {
        const chunks: Buffer[] = [];
        entry.on('data', (chunk: Buffer) => chunks.push(chunk));
        entry.on('end', () => found.set(path, { ...member, text: Buffer.concat(chunks).toString('utf8') }));
      } else {
        entry.resume();
      }
    },
  });
  // A pipeline that waits for the reader has to hear of its failure.
  const failed = new AbortController();
  const ended = new Promise<void>((resolve) => {
    parser.on('end', () => resolve());
    parser.on('error', (error: unknown) => failed.abort(error));
  });
  try {
    await pipeline(
      createReadStream(file),
      counted,
      createGunzip(),
      async (unzipped: AsyncIterable<Buffer>) => {
        for await (const chunk of unzipped) {
          if (!parser.write(chunk)) await once(parser, 'drain', { signal: failed.signal });
          if (problem !== undefined) throw problem;
        }
        parser.end();
        failed.signal.throwIfAborted();
        await ended;
      },
      { signal: signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]) },
    );
  } catch (error) {
    if (signal?.aborted) throw new OperatorError('stopped: nothing was uploaded', INTERRUPTED);
    throw unreadable(file, failed.signal.aborted ? failed.signal.reason : error);
  }
  const [only] = tops.size === 1 && !tops.has('bin') ? tops : [];
  const around = only === undefined ? '' : `${only}/`;
  const members = new Map(
    [...found].flatMap(([path, member]): [string, Member][] => {
      const within = path.startsWith(around) ? path.slice(around.length) : '';
      return LOOKED_AT.test(within) ? [[within, member]] : [];
    }),
  );
  const hasPrograms = [...members.keys()].some((path) => path.startsWith('bin/'));
  return { bytes, sha256: hash.digest('hex'), members, hasPrograms };
}

function unreadable(file: string, error: unknown): OperatorError {
  if (error instanceof OperatorError) return error;
  const { message } = error instanceof Error ? error : new Error(String(error));
  const { code = '', tarCode } = error as { readonly code?: string; readonly tarCode?: string };
  if (code === 'ENOENT')
    return new OperatorError(`there is no file ${file}: name the .tar.gz that the build has written`);
  if (code === 'EISDIR')
    return new OperatorError(
      `${file} is a folder; push takes an archive: add \`steps: [:assemble, :tar]\` to the release in mix.exs, or \`tar -C ${file} -czf release.tar.gz .\``,
    );
  if (code === 'Z_BUF_ERROR')
    return new OperatorError(`${file} is cut off: its gzip stream has no end; copy or build it again`);
  if (code.startsWith('Z_')) return new OperatorError(`${file} is no gzipped tar (${message}): push takes a .tar.gz`);
  if (tarCode !== undefined || code.startsWith('TAR_'))
    return new OperatorError(`${file} is no gzipped tar (${message}): push takes a .tar.gz of a release`);
  return new OperatorError(`${file} cannot be read (${message})`);
}
