import type { PriceRow, PriceTier } from './price-book';

/**
 * A file of AWS's public price list: the offers of one service in one region.
 * Source: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html (2026-11-30)
 */
export interface OfferFile {
  readonly publicationDate?: string;
  readonly products: Readonly<Record<string, OfferProduct>>;
  readonly terms: { readonly OnDemand?: Readonly<Record<string, Readonly<Record<string, OfferTerm>>>> };
}

interface OfferProduct {
  readonly sku: string;
  readonly attributes?: Readonly<Record<string, string>>;
}

interface OfferTerm {
  readonly effectiveDate?: string;
  readonly priceDimensions: Readonly<Record<string, PriceDimension>>;
}

interface PriceDimension {
  readonly unit: string;
  readonly beginRange?: string;
  readonly endRange?: string;
  readonly pricePerUnit: Readonly<Record<string, string>>;
}

/** Address of the file of one service in one region. */
export function offerAddress(offer: string, region: string): string {
  return `https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/${offer}/current/${region}/index.json`;
}

/**
 * Reads a file of the list.
 *
 * @throws Error that says what it is instead.
 */
export function readOfferFile(text: string): OfferFile {
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Error('is no JSON');
  }
  const { products, terms } = (file ?? {}) as Partial<OfferFile>;
  if (typeof products !== 'object' || typeof terms !== 'object') throw new Error('has no products and terms');
  return file as OfferFile;
}

/** A row with the price that a file of the list has, or the reason why it has none. */
export type Refreshed = { readonly row: PriceRow } | { readonly missing: string };

/** Looks the price of a row up in the file of its service, for a region. */
export function refreshed(row: PriceRow, region: string, file: OfferFile): Refreshed {
  const { list } = row;
  if (list === undefined) return { missing: 'its name in the list is not known' };
  const found = Object.values(file.products).filter(({ attributes = {} }) => {
    const others = Object.entries(list.attributes ?? {});
    return isUsage(attributes['usagetype'], list.usage) && others.every(([key, value]) => attributes[key] === value);
  });
  const prices = found.map(({ sku }) => tiersOf(file, sku)).filter((tiers) => tiers.length > 0);
  const [first, ...rest] = prices;
  if (first === undefined) return { missing: `the list has no ${list.usage}` };
  if (rest.some((tiers) => JSON.stringify(tiers) !== JSON.stringify(first)))
    return { missing: `the list has ${prices.length} prices for ${list.usage}` };
  return { row: withPrice(row, region, first, file) };
}

/** Regions before a usage type, such as `EUW1-NatGateway-Hours` or `us-east-1-KMS-Keys`; in us-east-1 most have none. */
const REGION_OF_USAGE = /^([A-Z]{2,4}\d?|[a-z]{2}(-[a-z]+)+-\d)-$/;

function isUsage(usage: string | undefined, wanted: string): boolean {
  if (usage === undefined || !usage.endsWith(wanted)) return false;
  const before = usage.slice(0, -wanted.length);
  return before === '' || REGION_OF_USAGE.test(before);
}

/** Prices of a product by the quantity that they begin at. */
function tiersOf(file: OfferFile, sku: string): PriceTier[] {
  const terms = Object.values(file.terms.OnDemand?.[sku] ?? {});
  const dimensions = terms.flatMap(({ priceDimensions }) => Object.values(priceDimensions));
  return dimensions
    .map(({ beginRange = '0', pricePerUnit }) => ({ from: Number(beginRange), usd: Number(pricePerUnit['USD']) }))
    .filter(({ from, usd }) => Number.isFinite(from) && Number.isFinite(usd))
    .sort((a, b) => a.from - b.from);
}

function withPrice(row: PriceRow, region: string, tiers: readonly PriceTier[], file: OfferFile): PriceRow {
  const { usd: _, tiers: __, note: ___, sources: ____, ...rest } = row;
  const { per = 1 } = row;
  // The list is of one unit; a row may be of a million.
  const scaled = tiers.map(({ from, usd }) => ({ from, usd: Number((usd * per).toPrecision(10)) }));
  const date = (file.publicationDate ?? '').slice(0, 10);
  const where = `AWS's price list: ${row.list?.offer}, ${row.list?.usage}`;
  const only = scaled.length === 1 ? scaled[0] : undefined;
  const price = only === undefined ? { tiers: scaled } : { usd: only.usd };
  return { ...rest, region, ...price, confidence: 'high', sources: [{ where, date }] };
}

/** The rows of EC2 instances that a file has, for a region other than that of the catalogue. */
export function instanceRows(types: readonly string[], region: string, file: OfferFile): PriceRow[] {
  return types.flatMap((type) => {
    const row: PriceRow = {
      ...{ id: `ec2.${type}`, region, service: 'EC2', item: `${type}, Linux`, unit: 'instance-hour' },
      ...{ usd: null, confidence: 'high', sources: [] },
      list: {
        offer: 'AmazonEC2',
        usage: `BoxUsage:${type}`,
        attributes: { operatingSystem: 'Linux', preInstalledSw: 'NA', capacitystatus: 'Used', tenancy: 'Shared' },
      },
    };
    const found = refreshed(row, region, file);
    return 'row' in found ? [found.row] : [];
  });
}
