/** CPUs by their names in the configuration, and by the bytes 18 and 19 of an ELF file, as `od -tx1` prints them. */
const MACHINES: Readonly<Record<string, Machine>> = { '3e00': 'amd64', b700: 'arm64' };

export type Machine = 'amd64' | 'arm64';

/** Bytes of an ELF header that tell its machine. Source: https://man7.org/linux/man-pages/man5/elf.5.html (2026-11-29) */
const HEADER = 20;
/** Longer than any text that is looked for: what a chunk may have begun and the next one ends. */
const OVERLAP = 64;

/** Minor number of the newest `GLIBC_2.<minor>` that is asked for, and what else the bytes of native code tell. */
export interface NativeCode {
  /** undefined for what is no ELF file, or for another CPU. */
  readonly machine?: Machine;
  /** 34 for `GLIBC_2.34`; 0 when none is named. */
  readonly glibcMinor: number;
  /** True when its interpreter is musl's. */
  readonly musl: boolean;
}

/** Reads native code chunk by chunk, by the same marks as lib/node/boot/steps/check.sh. Holds no more than a chunk. */
export class NativeCodeScan {
  private header = Buffer.alloc(0);
  private tail = '';
  private glibcMinor = 0;
  private musl = false;

  add(chunk: Buffer): void {
    if (this.header.length < HEADER) {
      this.header = Buffer.concat([this.header, chunk.subarray(0, HEADER - this.header.length)]);
    }
    const text = this.tail + chunk.toString('latin1');
    for (const [, minor = ''] of text.matchAll(/GLIBC_2\.(\d{1,4})/g)) {
      this.glibcMinor = Math.max(this.glibcMinor, Number(minor));
    }
    this.musl ||= text.includes('/lib/ld-musl-');
    this.tail = text.slice(-OVERLAP);
  }

  get result(): NativeCode {
    const isElf = this.header.length === HEADER && this.header.subarray(0, 4).toString('latin1') === '\x7fELF';
    const machine = isElf ? MACHINES[this.header.subarray(18, 20).toString('hex')] : undefined;
    return { ...(machine && { machine }), glibcMinor: this.glibcMinor, musl: this.musl };
  }
}
