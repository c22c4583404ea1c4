import { keyOf, type Place, placeOf } from './references';
import type { Templates } from './template';

/** The subnets whose route table leads to an internet gateway, by `stack/id`. */
export function publicSubnets(templates: Templates): ReadonlyMap<string, Place> {
  const all = Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.values(Resources).map(({ Type, Properties = {} }) => ({ stack, Type, Properties })),
  );
  const tables = new Set(
    all.flatMap(({ stack, Type, Properties }) => {
      const table = placeOf(Properties['RouteTableId'], stack, templates);
      const open = Type === 'AWS::EC2::Route' && isInternetGateway(Properties['GatewayId'], stack, templates);
      return open && table !== undefined ? [keyOf(table)] : [];
    }),
  );
  return new Map(
    all.flatMap(({ stack, Type, Properties }) => {
      if (Type !== 'AWS::EC2::SubnetRouteTableAssociation') return [];
      const [table, subnet] = [Properties['RouteTableId'], Properties['SubnetId']].map((value) =>
        placeOf(value, stack, templates),
      );
      return table && subnet && tables.has(keyOf(table)) ? [[keyOf(subnet), subnet] as const] : [];
    }),
  );
}

function isInternetGateway(value: unknown, stack: string, templates: Templates): boolean {
  if (typeof value === 'string') return value.startsWith('igw-');
  const place = placeOf(value, stack, templates);
  return place !== undefined && templates[place.stack]?.Resources[place.id]?.Type === 'AWS::EC2::InternetGateway';
}
