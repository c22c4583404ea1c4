/** The longest name of a role. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html (2026-11-30) */
const LONGEST_NAME = 64;
/** Of what CloudFormation makes up at its end, with both dashes; assumed, as it documents no length: 12 and 13 have been seen. */
const MADE_UP = 15;
/** Part of a stack's name, or of a logical id, that a longer one keeps at least (assumed). */
const KEPT_AT_LEAST = 16;

/**
 * Tells whether a role is that of a fleet, which is known before it has a name: CloudFormation names it <stack>-<logical id>-<made up>, and
 * shortens the first two where all would be longer than a name may be.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html (2026-11-30)
 *
 * @param fleet `<stack>/<logical id of the role>`.
 */
export function isRoleOf(fleet: string, role: string): boolean {
  const [stack = '', id = ''] = fleet.split('/');
  const [, ofStack = '', ofId = ''] = /^(.+)-([A-Za-z0-9]+)-[A-Za-z0-9]+$/.exec(role) ?? [];
  if (stack.length + id.length + MADE_UP <= LONGEST_NAME) return ofStack === stack && ofId === id;
  return isShortened(ofStack, stack) && isShortened(ofId, id);
}

function isShortened(part: string, whole: string): boolean {
  return whole.startsWith(part) && part.length >= Math.min(KEPT_AT_LEAST, whole.length);
}
