/**
 * JSON for machines that a terminal may show as well: escapes, besides what JSON has to, the control characters that it
 * would let through, and those that turn the direction of writing around.
 *
 * @param indent Spaces of indentation; none for one line.
 */
export function json(value: unknown, indent = 0): string {
  const text = JSON.stringify(value, null, indent);
  const escaped = text.replace(
    /[\u{7f}-\u{9f}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}
