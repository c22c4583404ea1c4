import { createHash } from 'node:crypto';

/**
 * The logical shard of a key: the first 64 bits of its SHA-256, as a fraction of 2^64, times the number of logical
 * shards. So each logical shard owns one contiguous range of the hash space, and no division by a number of clusters is
 * anywhere. SHA-256 because every platform has it; in Erlang:
 *
 *     <<Hash:64, _/binary>> = crypto:hash(sha256, Key), (Hash * LogicalShards) bsr 64.
 *
 * test/sharding/vectors.json holds what every implementation must answer.
 *
 * @param key The sharding key; a string stands for its UTF-8 bytes.
 * @param logicalShards How many there are, as the map says; from 1 to 2^31.
 * @returns An integer from 0 to logicalShards - 1.
 */
export function logicalShardOf(key: string | Uint8Array, logicalShards: number): number {
  if (!Number.isInteger(logicalShards) || logicalShards < 1 || logicalShards > 2 ** 31) {
    throw new RangeError(`logicalShards is ${logicalShards}; expected an integer from 1 to 2^31`);
  }
  const hash = createHash('sha256').update(key).digest().readBigUInt64BE(0);
  return Number((hash * BigInt(logicalShards)) >> 64n);
}
