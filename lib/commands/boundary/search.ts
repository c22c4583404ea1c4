/** One size that was tried. */
export interface Tried<Result> {
  readonly size: number;
  readonly carried: boolean;
  readonly result: Result;
}

export interface Boundary<Result> {
  /** Greatest size that was carried; 0 when the first was not. */
  readonly most: number;
  /** Least size that was not; undefined when every size up to the limit was. */
  readonly least?: number;
  /** All that was tried, in order. */
  readonly tried: readonly Tried<Result>[];
}

export interface SearchProps<Result> {
  readonly first: number;
  /** No size beyond it is tried. */
  readonly limit: number;
  /** Share of the answer within which it is told: 0 for the exact number. */
  readonly within: number;
  /** Tries a size. */
  readonly trial: (size: number) => Promise<{ readonly carried: boolean; readonly result: Result }>;
}

/**
 * Finds how much is carried: doubles until a size is not, and halves the distance between the two. A size counts as too much
 * when it fails twice in a row, as a single failure may be anybody's.
 */
export async function boundary<Result>({
  first,
  limit,
  within,
  trial,
}: SearchProps<Result>): Promise<Boundary<Result>> {
  const tried: Tried<Result>[] = [];
  const carries = async (size: number): Promise<boolean> => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const { carried, result } = await trial(size);
      tried.push({ size, carried, result });
      if (carried) return true;
    }
    return false;
  };
  let most = 0;
  let next = Math.min(first, limit);
  while (await carries(next)) {
    most = next;
    if (most >= limit) return { most, tried };
    next = Math.min(2 * most, limit);
  }
  let least = next;
  // Whoever fails at the first size has no boundary that could be told.
  while (most > 0 && least - most > Math.max(1, Math.floor(within * most))) {
    const middle = Math.floor((most + least) / 2);
    if (await carries(middle)) most = middle;
    else least = middle;
  }
  return { most, least, tried };
}
