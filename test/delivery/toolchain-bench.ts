import { createHash } from 'node:crypto';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from './bench';

export const sha256 = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

/** The answer of the bucket: it keeps what is there, and says `NoSuchKey` or what the test wants of the rest. */
export const BUCKET = `case "$*" in
  's3api get-object '*)
    while (($#)); do case "$1" in --key) key="$2" ;; esac; last="$1"; shift; done
    if [[ -e "$ROOT/bucket/$key" ]]; then cp "$ROOT/bucket/$key" "$last"; else
      echo "An error occurred (\${ABSENT:-NoSuchKey}) when calling the GetObject operation" >&2; exit 254; fi ;;
  's3api put-object '*)
    while (($#)); do case "$1" in --key) key="$2" ;; --body) body="$2" ;; esac; shift; done
    [[ ! -e "$ROOT/bucket/$key" ]] || { echo 'An error occurred (PreconditionFailed)' >&2; exit 254; }
    mkdir -p "$(dirname "$ROOT/bucket/$key")" && cp "$body" "$ROOT/bucket/$key" ;;
  's3 cp '*) from="\${@: -2:1}"; cp "$ROOT/bucket/\${from#s3://bucket/}" "\${@: -1}" ;;
esac`;

/** A source that asks for versions whose downloads are small files of the test. */
export function toolchainBench(versions = 'erlang 1.2.3\nelixir 4.5.6-otp-1\nrebar 7.8.9\n'): Bench {
  const made = new Bench();
  made.answer('aws', BUCKET);
  made.answer('dnf', '');
  made.answer('make', '');
  const configure = '#!/bin/bash\nmkdir -p "${1#--prefix=}/bin" && echo erl > "${1#--prefix=}/bin/erl"\n';
  made.write('otp/otp_src_1.2.3/configure', configure);
  chmodSync(join(made.root, 'otp/otp_src_1.2.3/configure'), 0o755);
  made.pack('otp', 'downloads/otp_src_1.2.3.tar.gz');
  for (const name of ['mix', 'elixir', 'elixirc', 'iex']) made.write(`elixir/bin/${name}`, name);
  made.zip('elixir', 'downloads/elixir-otp-1.zip');
  made.write('downloads/rebar3', 'rebar');
  made.answer(
    'curl',
    `out=''; for ((i = 1; i <= $#; i++)); do if [[ "\${!i}" == -o ]]; then j=$((i + 1)); out="\${!j}"; fi; done
     cp "$ROOT/downloads/$(basename "\${@: -1}")" "$out"`,
  );
  made.write('source/.tool-versions', versions);
  const sums = [
    ['otp_src_1.2.3.tar.gz', 'otp_src_1.2.3.tar.gz'],
    ['elixir-4.5.6-otp-1.zip', 'elixir-otp-1.zip'],
    ['rebar3-7.8.9', 'rebar3'],
  ].map(([name, download]) => `${sha256(readFileSync(join(made.root, `downloads/${download}`)))}  ${name}\n`);
  made.write('source/.tool-checksums', sums.join(''));
  return made;
}
