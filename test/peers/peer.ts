/** A service of AWS that runs on this machine and speaks the real protocol. */
export interface Peer {
  /** Where it listens, on the loopback interface. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Ends it; nothing of what it held is left. */
  readonly stop: () => Promise<void>;
}
