/** A logical shard, and the version of the map in which it was frozen: one freeze, and no other. */
export interface FrozenShard {
  readonly shard: number;
  readonly version: number;
}

/**
 * Reads `17@42` or `17@42,18@43`.
 *
 * @returns undefined when the text is none of these, or gives a logical shard two versions.
 */
export function frozenShards(text: string): FrozenShard[] | undefined {
  const versions = new Map<number, number>();
  for (const part of text.split(',')) {
    const [, shard, at] = /^(\d{1,5})@(\d{1,15})$/.exec(part.trim()) ?? [];
    if (shard === undefined || at === undefined) return undefined;
    const [number, version] = [Number(shard), Number(at)];
    if ((versions.get(number) ?? version) !== version) return undefined;
    versions.set(number, version);
  }
  return [...versions].map(([shard, version]) => ({ shard, version }));
}

/** Writes them as `frozenShards` reads them. */
export function asFrozenShards(shards: readonly FrozenShard[]): string {
  return shards.map(({ shard, version }) => `${shard}@${version}`).join(',');
}
