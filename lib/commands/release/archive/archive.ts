import type { NativeCode } from './native-code';

/** Contents of a `.tar.gz` that bear on whether nodes can run it. */
export interface Archive {
  /** Size of the file, in bytes. */
  readonly bytes: number;
  /** Checksum of the file, in hexadecimal digits. */
  readonly sha256: string;
  /** Members whose path a release has, without the folder that some tools put around it. */
  readonly members: ReadonlyMap<string, Member>;
  /** True when there is a folder `bin`. */
  readonly hasPrograms: boolean;
}

export interface Member {
  /** True for a file or a link that its owner may run. */
  readonly executable: boolean;
  /** Text of a short file that is read: `releases/start_erl.data`. */
  readonly text?: string;
  /** Native code that was looked at: the runtime, and libraries. */
  readonly native?: NativeCode;
}
