import { expect, test } from 'vitest';
import { isPublicAddress } from './public-address';

test.each(['8.8.8.8', '1.1.1.1', '172.32.0.1', '100.128.0.1', '2600:1f18::1', '2a00:1450:4001:81b::200e'])(
  '%s is public',
  (address) => expect(isPublicAddress(address)).toBe(true),
);

test.each([
  ['this network', '0.0.0.0'],
  ['a private network', '10.1.2.3'],
  ['a private network', '172.16.0.1'],
  ['a private network', '172.31.255.255'],
  ['a private network', '192.168.0.1'],
  ['a carrier', '100.64.0.1'],
  ['loopback', '127.0.0.53'],
  ['link-local, the metadata service', '169.254.169.254'],
  ['link-local, container credentials', '169.254.170.2'],
  ['documentation', '203.0.113.9'],
  ['multicast', '224.0.0.251'],
  ['broadcast', '255.255.255.255'],
  ['loopback', '::1'],
  ['unspecified', '::'],
  ['the metadata service', 'fd00:ec2::254'],
  ['link-local', 'fe80::1'],
  ['multicast', 'ff02::1'],
  ['IPv4 in disguise', '::ffff:8.8.8.8'],
  ['IPv4 behind a translator', '64:ff9b::a00:1'],
  ['IPv4 in a tunnel', '2002:a00:1::1'],
  ['documentation', '2001:db8::1'],
  ['a name', 'example.com'],
])('%s (%s) is not', (_, address) => expect(isPublicAddress(address)).toBe(false));
