/**
 * Notes what is read of plain data, so that the rest can be left out of a copy: readers see the data as they are.
 */
export class Reading {
  private readonly views = new WeakMap<object, object>();
  private readonly keys = new WeakMap<object, Set<string>>();

  /** The same data, with every read noted. */
  view<T>(value: T): T {
    if (!isObject(value)) return value;
    const known = this.views.get(value);
    if (known !== undefined) return known as T;
    const keys = new Set<string>();
    this.keys.set(value, keys);
    const note = (key: string | symbol): void => {
      if (typeof key === 'string') keys.add(key);
    };
    // Frozen data may not be shown otherwise than they are; a copy may.
    const copy: object = Array.isArray(value) ? [...(value as unknown[])] : { ...value };
    const view = new Proxy(copy, {
      get: (target, key, receiver) => {
        note(key);
        return this.view(Reflect.get(target, key, receiver) as unknown);
      },
      getOwnPropertyDescriptor: (target, key) => {
        note(key);
        return Reflect.getOwnPropertyDescriptor(target, key);
      },
    });
    this.views.set(value, view);
    return view as T;
  }

  /** Names under which something was read of an object of the data. */
  namesRead(value: object): ReadonlySet<string> {
    return this.keys.get(value) ?? new Set();
  }

  /** A copy that holds what was read, and lists as long as they are. */
  kept<T>(value: T): T {
    if (!isObject(value)) return value;
    const read = this.namesRead(value);
    if (Array.isArray(value)) {
      return value.map((one: unknown, at) => (read.has(String(at)) ? this.kept(one) : null)) as T;
    }
    const entries = Object.entries(value).filter(([name]) => read.has(name));
    return Object.fromEntries(entries.map(([name, one]) => [name, this.kept(one as unknown)])) as T;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
