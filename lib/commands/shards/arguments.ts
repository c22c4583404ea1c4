import { InvalidArgumentError } from 'commander';
import { shardNumbers } from './shard-numbers';

/** @throws InvalidArgumentError unless the text is a whole number. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** @throws InvalidArgumentError unless the text names logical shards. */
export function shardsOf(text: string): number[] {
  const numbers = shardNumbers(text);
  if (numbers === undefined) throw new InvalidArgumentError('Write 17, 17-40 or 1,5,17-40.');
  return numbers;
}
