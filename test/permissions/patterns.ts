/** A piece of a pattern: one character as it is, or any number of characters, of a class or of any kind. */
type Piece = string | { readonly any: (character: string) => boolean };

const EVERYTHING: Piece = { any: () => true };

/** An ARN of a policy: `*` stands for any characters, `?` for one (taken for any number here), `${...}` for a variable. */
export function policyPattern(arn: string): readonly Piece[] {
  return pieces(arn, /\$\{[^}]+\}|\*+|\?|[\s\S]/g, () => EVERYTHING);
}

/** The same where parts of a name are made by who writes it: `*` stops at a slash, but for the last. */
export function namePattern(arn: string): readonly Piece[] {
  const within: Piece = { any: (character) => character !== '/' };
  const read = pieces(arn, /\*+|[\s\S]/g, () => within);
  return read.map((piece, at) => (typeof piece === 'object' && at === read.length - 1 ? EVERYTHING : piece));
}

/** Variables of the authorization data that may hold a slash or a colon; all others are one part of an ARN. */
const LONG =
  /^(ObjectName|ParameterNameWithoutLeadingSlash|LogGroupName|SecretId|LogStreamName|RelativeId|RoleNameWithPath|StreamLabel)$/;

/** An ARN of the authorization data, `arn:${Partition}:s3:::${BucketName}/${ObjectName}`. */
export function typePattern(arn: string): readonly Piece[] {
  return pieces(arn, /\$\{[^}]+\}|[\s\S]/g, (piece) => {
    const name = piece.slice(2, -1);
    return LONG.test(name) ? EVERYTHING : { any: (character) => character !== '/' && character !== ':' };
  });
}

function pieces(text: string, expression: RegExp, variable: (piece: string) => Piece): readonly Piece[] {
  return [...text.matchAll(expression)].map(([piece]) =>
    piece.length > 1 || piece === '*' || piece === '?' ? variable(piece) : piece,
  );
}

/** Whether some text fits both patterns. */
export function overlap(one: readonly Piece[], other: readonly Piece[]): boolean {
  const width = other.length + 1;
  const known = new Map<number, boolean>();
  const from = (i: number, j: number): boolean => {
    const key = i * width + j;
    const before = known.get(key);
    if (before !== undefined) return before;
    // Until it is known, a way back to the same place is no way.
    known.set(key, false);
    const found = step(i, j);
    known.set(key, found);
    return found;
  };
  const step = (i: number, j: number): boolean => {
    const [a, b] = [one[i], other[j]];
    if (a === undefined && b === undefined) return true;
    if (typeof a === 'object' && from(i + 1, j)) return true;
    if (typeof b === 'object' && from(i, j + 1)) return true;
    if (typeof a === 'object' && typeof b === 'string') return a.any(b) && from(i, j + 1);
    if (typeof b === 'object' && typeof a === 'string') return b.any(a) && from(i + 1, j);
    return typeof a === 'string' && a === b && from(i + 1, j + 1);
  };
  return from(0, 0);
}

/** Whether a name fits a pattern with `*` and `?`, whatever its case. */
export function fits(pattern: string, name: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${expression}$`, 'i').test(name);
}
