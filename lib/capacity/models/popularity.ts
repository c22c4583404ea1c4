/**
 * Share of reads that the most popular rows answer, when reads fall on rows by Zipf's law: harmonic numbers, which
 * ln(1 + n) stands for. From 0 to 1, and never less for more memory or fewer rows.
 * Source: L. Breslau et al., Web Caching and Zipf-like Distributions (INFOCOM 1999), with the exponent taken as 1
 */
export function hitShare(cached: number, rows: number): number {
  if (rows <= 0 || cached >= rows) return 1;
  return Math.log1p(Math.max(0, cached)) / Math.log1p(rows);
}

/** Rows that must be cached for a share of the reads: the inverse of `hitShare`. */
export function rowsFor(share: number, rows: number): number {
  return Math.min(rows, Math.expm1(share * Math.log1p(Math.max(0, rows))));
}
