/** US dollars with cents, for example `$1,574.12`. */
export function dollars(usd: number): string {
  return signed(usd, 2);
}

/** US dollars without cents, for example `$1,574`. */
export function wholeDollars(usd: number): string {
  return signed(usd, 0);
}

/** A change in US dollars without cents, with its share of what was before: `+$772, +49 %`. */
export function change(before: number, after: number): string {
  const difference = after - before;
  const words = `${difference < 0 ? '' : '+'}${wholeDollars(difference)}`;
  if (before === 0) return words;
  const percent = Math.round((100 * difference) / before);
  return `${words}, ${percent < 0 ? '' : '+'}${percent} %`;
}

/** Money as JSON has it: whole cents. */
export function cents(usd: number): number {
  return Math.round(usd * 100) / 100;
}

function signed(usd: number, digits: number): string {
  const text = Math.abs(usd).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${usd < 0 && Number(text.replaceAll(',', '')) !== 0 ? '-' : ''}$${text}`;
}
