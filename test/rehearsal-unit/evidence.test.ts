import { describe, expect, it } from 'vitest';
import { Evidence } from '../rehearsal/evidence';

describe('evidence', () => {
  it('counts each comparison once', () => {
    const evidence = new Evidence();
    evidence.equal('same', [1, { a: 2 }], [1, { a: 2 }]);
    evidence.equal('other', 1, 2);
    expect(evidence.passed).toBe(1);
    expect(evidence.failures).toEqual(['other: read 1, expected 2']);
  });

  it('neither passes nor fails where the engine is known to be wrong', () => {
    const evidence = new Evidence();
    evidence.equal('version of a replica', '16.3', '17.9', 'replica source');
    expect({ ...evidence }).toEqual({ passed: 0, failures: [], gaps: new Set(['replica source']) });
  });

  it('fails where a gap has closed', () => {
    const evidence = new Evidence();
    evidence.equal('version of a replica', '17.9', '17.9', 'replica source');
    expect(evidence.failures).toEqual([expect.stringMatching(/remove "replica source" from/)]);
  });
});
