/** Whether a resource that its stack calls complete was found by asking its service. */
export interface Finding {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  /** Undefined when there is no reader for the type. */
  readonly exists: boolean | undefined;
}

export interface Verdict {
  /** Resources that exist, of types that are not listed. */
  readonly found: number;
  /** Resources that do not exist, of types that are listed. */
  readonly phantoms: number;
  readonly failures: readonly string[];
}

/**
 * Compares what exists with the list of types that the engine does not make, in both directions.
 *
 * @param unmade types that the engine's log says it has no provisioner for.
 */
export function judgeExistence(
  findings: readonly Finding[],
  listed: Readonly<Record<string, string>>,
  unmade: readonly string[],
): Verdict {
  const failures = new Set<string>();
  let found = 0;
  let phantoms = 0;
  for (const { stack, logicalId, type, exists } of findings) {
    const isListed = Object.hasOwn(listed, type);
    if (exists === undefined) {
      failures.add(`${type} has no reader: add one to test/rehearsal/readers`);
    } else if (exists && isListed) {
      failures.add(`${type} exists (${stack}/${logicalId}): remove it from test/rehearsal/phantoms.ts`);
    } else if (exists) {
      found += 1;
    } else if (isListed) {
      phantoms += 1;
    } else {
      failures.add(`${stack}/${logicalId} (${type}) is complete in its stack, and its service does not know it`);
    }
  }
  for (const type of unmade) {
    if (!Object.hasOwn(listed, type)) {
      failures.add(`${type}: the engine says that it does not make it; add it to test/rehearsal/phantoms.ts`);
    }
  }
  return { found, phantoms, failures: [...failures] };
}
