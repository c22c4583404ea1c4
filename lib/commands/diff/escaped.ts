/** Nothing in a template may become markup: ids and values are other people's. */
export function escaped(words: string): string {
  return words
    .replace(/[<>&]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;' })[sign] ?? sign)
    .replace(/([*_`|[\]])/g, '\\$1');
}
