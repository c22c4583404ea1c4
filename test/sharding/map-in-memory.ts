import type { Item } from '../../lib/sharding/map-items';
import type { Table } from '../../lib/sharding/map-table';
import type { Write } from '../../lib/sharding/map-writes';

/** The table of a shard map in memory; shard-map.peers.test.ts holds the map against a real one. */
export class MemoryTable implements Table {
  readonly items = new Map<string, Item>();
  /** Called before each transaction. */
  beforeTransaction: () => void = () => undefined;

  async get(key: Item): Promise<Item | undefined> {
    return this.items.get(textOf(key, 'sk'));
  }

  async query(from: string, to: string): Promise<Item[]> {
    const found = [...this.items].filter(([key]) => key >= from && key <= to);
    return found.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, item]) => item);
  }

  async transact(writes: readonly Write[]): Promise<boolean> {
    this.beforeTransaction();
    if (!writes.every((write) => this.holds(write))) return false;
    for (const write of writes) {
      if ('put' in write) this.items.set(keyOf(write), write.put);
      if (!('update' in write)) continue;
      const [, name = '', value = ''] = /^#(\w+) = (:\w+)$/.exec(write.set) ?? [];
      const set = write.condition.values?.[value];
      if (set === undefined) throw new Error(`an update that this table does not know: ${write.set}`);
      this.items.set(keyOf(write), { ...this.items.get(keyOf(write)), [name]: set });
    }
    return true;
  }

  private holds(write: Write): boolean {
    const { expression, names = {}, values = {} } = write.condition;
    const item = this.items.get(keyOf(write));
    const term = (text: string): boolean => {
      const [, negated, path = ''] = /^attribute_(not_)?exists\((.+)\)$/.exec(text) ?? [];
      if (path !== '') return (item?.[names[path] ?? ''] === undefined) === (negated !== undefined);
      const [left = '', operator, right = ''] = text.split(' ');
      const [is, other] = [item?.[names[left] ?? ''], values[right]];
      if (operator === '=') return JSON.stringify(is) === JSON.stringify(other);
      if (operator !== '<') throw new Error(`a condition that this table does not know: ${text}`);
      return is !== undefined && other !== undefined && 'N' in is && 'N' in other && Number(is.N) < Number(other.N);
    };
    return expression.split(' OR ').some((choice) => choice.split(' AND ').every(term));
  }
}

function keyOf(write: Write): string {
  return textOf('put' in write ? write.put : 'check' in write ? write.check : write.update, 'sk');
}

function textOf(item: Item, name: string): string {
  const value = item[name];
  if (value === undefined || !('S' in value)) throw new Error(`an item without ${name}`);
  return value.S;
}
