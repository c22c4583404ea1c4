/** A JSON object: a branch of a configuration before it is checked. */
export type Tree = { [key: string]: unknown };

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Lays one tree over another; lists and single values replace, branches merge. Returns the changed base. */
export function overlay(base: Tree, over: Tree): Tree {
  for (const [key, value] of Object.entries(over)) {
    const below = Object.hasOwn(base, key) ? base[key] : undefined;
    const merged = isTree(value) && isTree(below) ? overlay(below, value) : value;
    // Defined, not assigned: assigning `__proto__` would set the prototype, and the schema would never see the key.
    Object.defineProperty(base, key, { value: merged, configurable: true, enumerable: true, writable: true });
  }
  return base;
}

/** Value at a path, through branches and lists, or undefined; never an inherited property. */
export function valueAt(tree: Tree, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => {
    const holds = (isTree(value) || Array.isArray(value)) && Object.hasOwn(value, part);
    return holds ? (value as Tree)[part] : undefined;
  }, tree);
}

/** True when a dotted key equals another or lies below it. */
export function isWithin(key: string, other: string): boolean {
  return key === other || key.startsWith(`${other}.`);
}
