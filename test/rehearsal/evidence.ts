import { inspect, isDeepStrictEqual } from 'node:util';
import type { Gap } from './gaps';

/** Collects what was read back: every comparison counts once, as passed, failed, or as a known gap of the engine. */
export class Evidence {
  passed = 0;
  readonly failures: string[] = [];
  readonly gaps = new Set<Gap>();

  /**
   * Compares a live value with the expected one. With a gap, the engine is known to get it wrong: then a right value is
   * the failure, because the list is out of date.
   */
  equal(what: string, actual: unknown, expected: unknown, gap?: Gap): void {
    const right = isDeepStrictEqual(actual, expected);
    if (gap !== undefined) {
      if (right) this.fail(`${what}: the engine gets this right now; remove "${gap}" from test/rehearsal/gaps.ts`);
      else this.gaps.add(gap);
    } else if (right) {
      this.passed += 1;
    } else {
      this.fail(`${what}: read ${show(actual)}, expected ${show(expected)}`);
    }
  }

  holds(what: string, condition: boolean): void {
    if (condition) this.passed += 1;
    else this.fail(what);
  }

  fail(what: string): void {
    this.failures.push(what);
  }
}

function show(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 300 });
}
