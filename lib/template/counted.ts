/**
 * A number with its noun, in the plural unless it is one: `1 day`, `2 policies`, `3 sets of database roles`. What is no
 * number, such as a reference, takes the plural.
 */
export function counted(count: number | string, noun: string): string {
  return `${count} ${String(count) === '1' ? noun : plural(noun)}`;
}

/** The head of a noun has the plural: `sets of database roles`, `rules that block`. */
function plural(noun: string): string {
  const [head = noun, ...rest] = noun.split(/ (?=(?:of|in|into|from|to|with|that) )/);
  const many = /[^aeiou]y$/.test(head) ? head.replace(/y$/, 'ies') : /(s|x|ch)$/.test(head) ? `${head}es` : `${head}s`;
  return [many, ...rest].join(' ');
}
