/**
 * A function of one object that is carried out once for each object and remembered as long as that object lives.
 * Templates are never changed in place, and a judgement asks the same of each of them dozens of times.
 */
export function memoized<K extends object, V>(compute: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const found = known.get(key) ?? { value: compute(key) };
    known.set(key, found);
    return found.value;
  };
}

/** The same of a function of two objects. */
export function memoizedPair<A extends object, B extends object, V>(
  compute: (first: A, second: B) => V,
): (first: A, second: B) => V {
  const ofFirst = memoized((first: A) => memoized((second: B) => compute(first, second)));
  return (first, second) => ofFirst(first)(second);
}
