import { describe, expect, test } from 'vitest';
import { amountOf, type PriceRow, priceBook } from '../../lib/cost/price-book';
import { instanceRows, type OfferFile, offerAddress, readOfferFile, refreshed } from '../../lib/cost/price-list';

/** A product with its price, or with several from a quantity on: usage type, other attributes, and prices. */
type Written = readonly [usage: string, attributes: Readonly<Record<string, string>>, prices: Record<string, string>];

/** A small file in the form of AWS's list. */
function file(...products: readonly Written[]): OfferFile {
  const named = products.map(([usagetype, attributes, prices], index) => ({
    sku: `SKU${index}`,
    attributes: { usagetype, ...attributes },
    prices,
  }));
  const dimensions = (prices: Record<string, string>): object =>
    Object.fromEntries(
      Object.entries(prices).map(([beginRange, USD]) => [
        `RATE${beginRange}`,
        { unit: 'Hrs', beginRange, endRange: 'Inf', pricePerUnit: { USD } },
      ]),
    );
  return readOfferFile(
    JSON.stringify({
      formatVersion: 'v1.0',
      publicationDate: '2026-11-12T21:10:11Z',
      products: Object.fromEntries(named.map(({ sku, attributes }) => [sku, { sku, attributes }])),
      terms: {
        OnDemand: Object.fromEntries(
          named.map(({ sku, prices }) => [sku, { [`${sku}.TERM`]: { priceDimensions: dimensions(prices) } }]),
        ),
        Reserved: {},
      },
    }),
  );
}

const NAT: PriceRow = {
  id: 'vpc.nat',
  region: 'us-east-1',
  service: 'VPC',
  item: 'NAT gateway',
  unit: 'gateway-hour',
  usd: 0.045,
  confidence: 'high',
  sources: [{ where: 'elsewhere', date: '2024-07-01' }],
  list: { offer: 'AmazonEC2', usage: 'NatGateway-Hours' },
};

const found = (row: PriceRow, region: string, offers: OfferFile): PriceRow => {
  const result = refreshed(row, region, offers);
  if ('missing' in result) throw new Error(result.missing);
  return result.row;
};

describe('a row finds its price', () => {
  test('by its usage type, with or without a region before it', () => {
    const offers = file(
      ['EUW1-NatGateway-Hours', {}, { 0: '0.0480000000' }],
      ['EUW1-NatGateway-Bytes', {}, { 0: '1' }],
    );
    const row = found(NAT, 'eu-west-1', offers);
    expect(row).toMatchObject({ region: 'eu-west-1', usd: 0.048, confidence: 'high' });
    expect(row.sources).toEqual([{ where: "AWS's price list: AmazonEC2, NatGateway-Hours", date: '2026-11-12' }]);
    expect(found(NAT, 'us-east-1', file(['NatGateway-Hours', {}, { 0: '0.045' }])).usd).toBe(0.045);
    const key = { ...NAT, list: { offer: 'awskms', usage: 'KMS-Keys' } };
    expect(found(key, 'us-east-1', file(['us-east-1-KMS-Keys', {}, { 0: '1' }])).usd).toBe(1);
  });

  test('among those of other engines', () => {
    const row = {
      ...NAT,
      list: { offer: 'AmazonRDS', usage: 'InstanceUsage:db.r7g.large', attributes: { databaseEngine: 'PostgreSQL' } },
    };
    const offers = file(
      ['InstanceUsage:db.r7g.large', { databaseEngine: 'MySQL' }, { 0: '0.1' }],
      ['InstanceUsage:db.r7g.large', { databaseEngine: 'PostgreSQL' }, { 0: '0.25' }],
    );
    expect(found(row, 'us-east-1', offers).usd).toBe(0.25);
  });

  test('in steps, and for the number of units that the row is of', () => {
    const out = { ...NAT, list: { offer: 'AWSDataTransfer', usage: 'DataTransfer-Out-Bytes' } };
    const steps = found(out, 'us-east-1', file(['DataTransfer-Out-Bytes', {}, { 10240: '0.085', 0: '0.09' }]));
    expect(steps.tiers).toEqual([
      { from: 0, usd: 0.09 },
      { from: 10240, usd: 0.085 },
    ]);
    const price = priceBook('us-east-1', [steps])?.price('vpc.nat');
    expect(price && amountOf(price, 20_240)).toBeCloseTo(10_240 * 0.09 + 10_000 * 0.085, 9);
    const queue = { ...NAT, per: 1_000_000, list: { offer: 'AWSQueueService', usage: 'Requests-RBP' } };
    expect(found(queue, 'us-east-1', file(['Requests-RBP', {}, { 0: '0.0000004000' }])).usd).toBe(0.4);
  });
});

describe('a row keeps what it has', () => {
  test.each([
    [
      'when the list does not have it',
      file(['EUW1-NatGateway-Bytes', {}, { 0: '1' }]),
      'the list has no NatGateway-Hours',
    ],
    [
      'when a longer name ends alike',
      file(['EUW1-Prvd-NatGateway-Hours', {}, { 0: '1' }]),
      'the list has no NatGateway-Hours',
    ],
    [
      'when the list has two prices for it',
      file(['NatGateway-Hours', { a: '1' }, { 0: '1' }], ['NatGateway-Hours', { a: '2' }, { 0: '2' }]),
      'the list has 2 prices for NatGateway-Hours',
    ],
    ['when it has no price in dollars', file(['NatGateway-Hours', {}, {}]), 'the list has no NatGateway-Hours'],
  ])('%s', (_, offers, missing) => {
    expect(refreshed(NAT, 'us-east-1', offers)).toEqual({ missing });
  });

  test('when its name in the list is not known', () => {
    const { list: _, ...row } = NAT;
    expect(refreshed(row, 'us-east-1', file())).toEqual({ missing: 'its name in the list is not known' });
  });
});

test('instances of another region are rows of it, and those that it lacks are none', () => {
  const linux = { operatingSystem: 'Linux', preInstalledSw: 'NA', capacitystatus: 'Used', tenancy: 'Shared' };
  const offers = file(
    ['EUW1-BoxUsage:c7i.large', linux, { 0: '0.096' }],
    ['EUW1-BoxUsage:c7i.large', { ...linux, operatingSystem: 'Windows' }, { 0: '0.2' }],
    ['EUW1-UnusedBox:c7i.large', { ...linux, capacitystatus: 'UnusedCapacityReservation' }, { 0: '0.096' }],
  );
  const rows = instanceRows(['c7i.large', 'c9g.large'], 'eu-west-1', offers);
  expect(rows.map(({ id, usd }) => [id, usd])).toEqual([['ec2.c7i.large', 0.096]]);
  expect(priceBook('eu-west-1', rows)?.price('ec2.c7i.large')?.tiers).toEqual([{ from: 0, usd: 0.096 }]);
});

test('a file that is none of the list says what it is', () => {
  expect(() => readOfferFile('<html>')).toThrow('is no JSON');
  expect(() => readOfferFile('{"products":{}}')).toThrow('has no products and terms');
  expect(() => readOfferFile('null')).toThrow('has no products and terms');
});

test('the address is that of a service and a region', () => {
  expect(offerAddress('AmazonEC2', 'eu-west-1')).toBe(
    'https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/current/eu-west-1/index.json',
  );
});
