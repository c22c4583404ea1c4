import { z } from 'zod';
import { isPrivate, parseCidr } from '../facts/cidr';
import { LAST_PHASE } from '../facts/phase-numbers';
import { acceptedSettings } from './accepted-settings';
import { asynchronous } from './asynchronous-settings';
import { automation } from './automation-settings';
import { MOST } from './bounds';
import { joined } from './cluster-settings';
import { extreme } from './extreme-settings';
import {
  cidrList,
  DATABASE_CLASS,
  flag,
  instanceTypeName,
  integer,
  listOfDifferent,
  nodeRange,
  oneOf,
  retentionDays,
  secretArn,
  text,
} from './fields';
import { VPC_PREFIX } from './subnet-plan';
import { expected } from './traffic-settings';

const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const HEALTH_PATH = /^\/[A-Za-z0-9._~/?=&%-]{0,1023}$/;

const VPC_CIDR = `a private IPv4 CIDR from /${VPC_PREFIX.largest} to /${VPC_PREFIX.smallest} with no bits behind its prefix`;

export const INTERFACE_ENDPOINTS = [
  'autoscaling',
  'cloudformation',
  'ec2',
  'ec2messages',
  'lambda',
  'logs',
  'monitoring',
  'secretsmanager',
  'sqs',
  'ssm',
  'ssmmessages',
] as const;

const network = z
  .strictObject({
    cidr: z
      .string(VPC_CIDR)
      .refine((value) => {
        const cidr = parseCidr(value);
        if (cidr === undefined || !isPrivate(cidr)) return false;
        return cidr.prefix >= VPC_PREFIX.largest && cidr.prefix <= VPC_PREFIX.smallest;
      }, VPC_CIDR)
      .describe('Address range of the VPC. Chosen once: changing it on a live environment replaces the network.'),
    availabilityZones: z
      .array(
        text(/^[a-z]{2}(-[a-z]+)+-\d[a-z]$/, 'a zone name such as us-east-1a', 'Zone name'),
        'a list of three zone names',
      )
      .length(3, 'a list of three zone names')
      .optional()
      .describe('Exactly three zone names. Left out, the first three zones of the account in the region.'),
    egress: oneOf(
      ['none', 'instance', 'gateway'],
      'How private nodes reach IPv4 addresses outside: not at all, by one self-healing NAT instance, or by NAT gateways. IPv6 goes out by an egress-only gateway in every case. With none, interface endpoints are made for the services of AWS that nodes need and that have no documented name for IPv6.',
    ),
    natGateways: integer(1, 3, 'NAT gateways when egress is gateway: one, or one in each zone.'),
    interfaceEndpoints: listOfDifferent(
      oneOf(INTERFACE_ENDPOINTS, 'AWS service'),
      'a list of services such as ["logs", "sqs"]',
    ).describe(
      'AWS services to reach by private interface endpoints, at a price per zone and hour. S3 and DynamoDB have free gateway endpoints always.',
    ),
    flowLogDays: retentionDays('Days for which the flow logs of rejected connections are kept.'),
  })
  .describe('The network, planned on day 0 for its last day.');

const domain = z
  .strictObject({
    name: text(
      DOMAIN,
      'a lower-case DNS name such as app.example.com',
      'Name under which users reach the system.',
    ).optional(),
    hostedZoneId: text(
      /^Z[A-Z0-9]{4,31}$/,
      'a Route 53 hosted zone id such as Z0123456789ABCDEFGHIJ',
      'Route 53 public hosted zone that holds the name.',
    ).optional(),
    hostedZoneName: text(
      DOMAIN,
      'the name of the hosted zone, such as example.com',
      'Name of that hosted zone.',
    ).optional(),
    email: text(
      /^[^@\s']+@[^@\s']+\.[^@\s']+$/,
      'an e-mail address',
      'Contact for the certificate authority (phases 0 and 1).',
    ).optional(),
  })
  .describe('The public name. Without one, users reach the Elastic IP and later the name that CloudFront gives.');

const node = z
  .strictObject({
    image: oneOf(['amazon-linux-2023', 'debian-13'], 'Operating system of every node.'),
    rootVolumeGiB: integer(8, 1024, 'Root volume of a node, GiB.'),
  })
  .describe('What all nodes share.');

const release = z
  .strictObject({
    uri: text(
      /^(none|s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/[A-Za-z0-9._/+=-]{1,900}\.tar\.gz)$/,
      'none, or an s3://bucket/key.tar.gz',
      'The self-contained release the nodes run. With none they answer the health check with "no release yet".',
    ),
    architecture: oneOf(
      ['amd64', 'arm64'],
      'CPU architecture the release was built for; left out, that of box.instanceType while there is a box, then of app.instanceType.',
    ).optional(),
    environmentSecret: secretArn(
      'Secret with what only the release needs, a JSON object of variables such as SECRET_KEY_BASE.',
    ).optional(),
  })
  .describe('The Erlang or Elixir release.');

const box = z
  .strictObject({
    instanceType: instanceTypeName('Instance type of the single server (phases 0 and 1).'),
    dataVolumeGiB: integer(8, MOST.dataVolumeGiB, 'Data volume of the single server, GiB. Grow it, never shrink it.'),
    snapshotDays: integer(1, 365, 'Days for which the daily snapshots of the data volume are kept.'),
    sshFrom: cidrList('CIDRs that may reach port 22. Empty: Session Manager only.'),
  })
  .describe('The single server of phases 0 and 1.');

const app = z
  .strictObject({
    instanceType: instanceTypeName('Instance type of an app node, one BEAM each.'),
    ...nodeRange,
    placement: oneOf(
      ['zones', 'cluster'],
      'Where app nodes stand: spread over three zones, or close together in one, in a cluster placement group. The loss of that zone takes all of them.',
    ),
    port: integer(1024, 32767, 'Port on which the release speaks HTTP.'),
    tlsPort: integer(1024, 32767, 'Port on which the release speaks TLS itself, when ingress is sockets.'),
    healthPath: text(
      HEALTH_PATH,
      'a path that begins with /',
      'Path and query that answer 200 to 399 when the node is well.',
    ),
    evictPerSecond: integer(1, 100000, 'Connections that a draining node lets go per second.'),
  })
  .describe('The app fleet (phase 2 and later); its ports and health path hold for the single server too.');

const web = z
  .strictObject({
    enabled: flag('Whether a tier of nginx reverse proxies stands before the app fleet.'),
    instanceType: instanceTypeName('Instance type of a reverse proxy.'),
    ...nodeRange,
  })
  .describe('The web tier (phase 2 and later).');

const edge = z
  .strictObject({
    requestsPer5Minutes: integer(
      10,
      2000000,
      'Requests from one address in five minutes before the firewall blocks it.',
    ),
    originPrefixList: text(
      /^pl-[0-9a-f]{8,17}$/,
      'the id of a prefix list',
      'Id of the managed prefix list com.amazonaws.global.cloudfront.origin-facing in the region; left out, from lib/facts.',
    ).optional(),
    priceClass: oneOf(['PriceClass_100', 'PriceClass_200', 'PriceClass_All'], 'Which CloudFront edge locations serve.'),
    originPorts: oneOf(
      ['both', 'https'],
      'With a domain, where the load balancer behind CloudFront answers: on 80 besides 443, for CloudFront that has not followed yet, or on 443 alone. Say https one deployment after the domain came.',
    ),
  })
  .describe('CloudFront and its firewall (phase 2 and later).');

const storage = z
  .strictObject({
    noncurrentDays: integer(1, 3650, 'Days for which overwritten and deleted objects can be brought back.'),
    uploadsInfrequentAccessDays: integer(30, 3650, 'Days after which uploads move to the Infrequent Access class.'),
    logDays: integer(1, 3650, 'Days for which access logs are kept.'),
    backupDays: integer(1, 3650, 'Days for which dumps of the local database are kept.'),
  })
  .describe('S3 buckets.');

const POSTGRES_VERSION = /^1[6-8]\.\d{1,2}$/;

const database = z
  .strictObject({
    class: text(DATABASE_CLASS, 'an RDS instance class such as db.t4g.medium', 'Instance class of the writer.'),
    replicaClass: text(
      DATABASE_CLASS,
      'an RDS instance class such as db.t4g.medium',
      'Instance class of the read replicas; left out, that of the writer.',
    ).optional(),
    engineVersion: text(
      POSTGRES_VERSION,
      'a PostgreSQL version from 16 to 18 with its minor, such as 17.9',
      'Engine version of writers. The single server runs the same major version, 17. A minor version comes to the read replicas first, with a deployment of replicaEngineVersion.',
    ),
    replicaEngineVersion: text(
      POSTGRES_VERSION,
      'a PostgreSQL version from 16 to 18 with its minor, such as 17.9',
      'Engine version of the read replicas, of the same major version and no older; left out, that of the writer.',
    ).optional(),
    name: text(/^[a-z][a-z0-9_]{0,62}$/, 'a PostgreSQL identifier in lower case', 'Name of the database. Chosen once.'),
    storageGiB: integer(20, MOST.storageGiB, 'Storage allocated at first, GiB (gp3).'),
    maxStorageGiB: integer(22, MOST.storageGiB, 'Storage up to which RDS grows by itself, GiB.'),
    multiAz: flag('Standby in another zone already in phases 1 and 2. From phase 3 on there always is one.'),
    backupDays: integer(7, 35, 'Days for which automated backups are kept.'),
    replicas: integer(0, MOST.replicas, 'Read replicas (phase 3 and later).'),
    insights: oneOf(['standard', 'advanced'], 'Database Insights mode: standard keeps 7 days, advanced 465.'),
    slowQueryMs: integer(0, 3600000, 'Queries that take longer are logged, milliseconds.'),
    passwordDays: integer(
      0,
      365,
      'Days after which the password that releases log in with changes, 7 to 365; nodes are replaced within that time. 0: it stays.',
    ),
  })
  .describe('RDS for PostgreSQL (phase 1 and later).');

const cache = z
  .strictObject({
    class: text(
      /^cache\.[a-z][a-z0-9]*\.(micro|small|medium|large|\d{0,2}xlarge)$/,
      'an ElastiCache node type such as cache.t4g.small',
      'Node type.',
    ),
    replicas: integer(1, 5, 'Replicas beside the primary, in other zones.'),
    snapshotDays: integer(1, 35, 'Days for which daily snapshots are kept.'),
  })
  .describe('ElastiCache for Valkey (phase 3 and later).');

export const settingsSchema = z.strictObject({
  region: text(
    /^[a-z]{2}(-[a-z]+)+-\d$/,
    'a region name such as eu-west-1',
    'AWS region of everything but what must live in us-east-1.',
  ),
  phase: integer(
    0,
    LAST_PHASE,
    'Phase to build: 0 single server, 1 decoupled, 2 horizontal, 3 read-heavy, 4 automated, 5 asynchronous, 6 extreme data.',
  ),
  ingress: oneOf(
    ['http', 'sockets'],
    'http: CloudFront and an ALB. sockets: an NLB that passes TCP through to the nodes, for long-lived connections.',
  ),
  logDays: retentionDays('Days for which log groups keep their events.'),
  protection: oneOf(
    ['data', 'all'],
    'What nobody deletes by mistake: stacks that hold data, or all stacks (termination protection) and load balancers (deletion protection) too.',
  ),
  network,
  domain,
  node,
  release,
  box,
  app,
  web,
  edge,
  storage,
  database,
  cache,
  ...joined,
  ...automation,
  ...asynchronous,
  ...extreme,
  ...expected,
  ...acceptedSettings,
});

/** All keys of a configuration, checked. */
export type Settings = z.infer<typeof settingsSchema>;
