/**
 * Text of a node as it may stand on a terminal: what a release, a user or a header has put into it must not move the
 * cursor, change the title or type. Tabs and line ends stay; every other control character, and those that turn the
 * direction of writing around, become `?`.
 *
 * Source: https://www.ecma-international.org/publications-and-standards/standards/ecma-48/ (C0 and C1 control functions),
 * https://www.unicode.org/reports/tr9/ (directional formatting characters) (2026-11-29)
 */
export function harmless(text: string): string {
  // A line end of Windows is one line end.
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[\p{Cc}\u{2028}\u{2029}\u{202a}-\u{202e}\u{2066}-\u{2069}]/gu, (one) =>
      one === '\n' || one === '\t' ? one : '?',
    );
}
