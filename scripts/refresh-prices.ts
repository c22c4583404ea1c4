// Reads prices from AWS's public price list into lib/facts/prices.json: `npm run prices`, or of another region
// `npm run prices -- --region eu-west-1`. Needs a network and no account. A row that the list does not have under the name
// that is known here keeps its price, and is told; a price that is reckoned to a month, or of a free tier, is not in the list.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { PriceRow } from '../lib/cost/price-book';
import { instanceRows, type OfferFile, offerAddress, readOfferFile, refreshed } from '../lib/cost/price-list';
import { INSTANCE_PRICES, INSTANCE_TYPE_NAMES } from '../lib/facts/instance-type';
import { REGIONS } from '../lib/facts/regions';

const PAGE = new URL('../lib/facts/prices.json', import.meta.url);

interface Page {
  readonly region: string;
  readonly checked: string;
  readonly method: string;
  readonly rows: readonly PriceRow[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { region: { type: 'string', default: 'us-east-1' } } });
  const { region } = values;
  if (!REGIONS.includes(region))
    throw new Error(`region: received ${region}; allowed: a region of AWS; set it in --region`);
  const page = JSON.parse(readFileSync(PAGE, 'utf8')) as Page;
  const files = new Map<string, OfferFile>();
  const known = page.rows.filter((row) => row.region === page.region);
  const fresh: PriceRow[] = [];
  for (const row of known) {
    const offer = row.list?.offer;
    const file = offer === undefined ? undefined : await offerOf(offer, region, files);
    const found = file === undefined ? { missing: 'its name in the list is not known' } : refreshed(row, region, file);
    if ('row' in found) fresh.push(found.row);
    else {
      console.log(`${row.id}: ${found.missing}`);
      if (region === page.region) fresh.push(row);
    }
  }
  if (region !== INSTANCE_PRICES.region) {
    fresh.push(...instanceRows(INSTANCE_TYPE_NAMES, region, await offerOf('AmazonEC2', region, files)));
  }
  const others = page.rows.filter((row) => row.region !== region);
  const rows = region === page.region ? [...fresh, ...others] : [...others, ...fresh];
  const checked = region === page.region ? new Date().toISOString().slice(0, 10) : page.checked;
  writeFileSync(PAGE, written({ ...page, checked, rows }));
  console.log(
    `${fresh.length} rows of ${region} in lib/facts/prices.json; \`npx vitest run --project quick test/cost -u\` next`,
  );
}

async function offerOf(offer: string, region: string, files: Map<string, OfferFile>): Promise<OfferFile> {
  const known = files.get(offer);
  if (known !== undefined) return known;
  const address = offerAddress(offer, region);
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} answers ${response.status}`);
  const file = readOfferFile(await response.text());
  files.set(offer, file);
  return file;
}

/** One row a line, so that the difference of two prices is two lines. */
function written({ rows, ...head }: Page): string {
  const fields = Object.entries(head).map(([key, value]) => ` ${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{\n${fields.join(',\n')},\n "rows": [\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n ]\n}\n`;
}

main().catch((error: unknown) => {
  const { message, cause } = error instanceof Error ? error : new Error(String(error));
  const why = cause instanceof Error ? ` (${cause.message})` : '';
  console.error(`prices: ${message}${why}`);
  process.exitCode = 1;
});
