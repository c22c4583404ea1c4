import { classSize } from '../../facts/class-size';
import { keyOf, type Place, placeOf } from '../../template/references';
import type { TemplateResource, Templates } from '../../template/template';
import { inside, numberOf } from '../../template/values';
import { COEFFICIENTS as C } from '../coefficients';
import { GIB } from '../load';
import { mostConnections, serverlessConnections } from '../tiers/databases';
import { groupsIn } from './reach';

/** A database, and the connections that it takes. */
export interface Provider extends Place {
  readonly most: number;
  readonly why: string;
  /** Its security groups, as keys of their places. */
  readonly groups: readonly string[];
}

/**
 * Bytes of memory for a connection of MySQL and MariaDB.
 * Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.MaxConnections (not opened)
 */
const MYSQL_BYTES = 12_582_880;

/** Databases whose greatest number of connections follows from what the templates say; replicas of one count together. */
export function databasesIn(templates: Templates): Provider[] {
  const replicas = new Map<string, Provider>();
  for (const { source, ...one } of eachDatabase(templates)) {
    const key = source ?? keyOf(one);
    const name = `${source === undefined ? 'writer' : 'readers of'} ${key}`;
    const known = replicas.get(name);
    replicas.set(name, known === undefined ? one : { ...known, most: known.most + one.most });
  }
  return [...replicas.values()];
}

/** A database, and the one that it replicates, as the key of its place. */
type Found = Provider & { readonly source?: string };

function eachDatabase(templates: Templates): Found[] {
  return Object.entries(templates).flatMap(([stack, { Resources }]) =>
    Object.entries(Resources).flatMap(([id, resource]) => {
      const place = { stack, id };
      if (resource.Type === 'AWS::RDS::DBInstance') return instance(resource, place, templates);
      if (resource.Type === 'AWS::RDS::DBCluster') return cluster(resource, place, templates);
      return [];
    }),
  );
}

function instance(resource: TemplateResource, place: Place, templates: Templates): Found[] {
  const { Properties = {} } = resource;
  // Members of a cluster are counted with it.
  if (Properties['DBClusterIdentifier'] !== undefined) return [];
  const source = at(Properties['SourceDBInstanceIdentifier'], place.stack, templates);
  const engine = String(Properties['Engine'] ?? source?.Properties?.['Engine']);
  const name = String(Properties['DBInstanceClass']);
  const said = parameter(Properties['DBParameterGroupName'], place.stack, templates);
  const most = said ?? byMemory(engine, classSize(name)?.memoryGiB);
  if (most === undefined) return [];
  const why = said === undefined ? `${name} by its memory` : 'its parameter group';
  const origin = placeOf(Properties['SourceDBInstanceIdentifier'], place.stack, templates);
  const groups = groupsIn(Properties['VPCSecurityGroups'], place.stack, templates);
  return [{ ...place, most, why, groups, ...(origin && { source: keyOf(origin) }) }];
}

function cluster(resource: TemplateResource, place: Place, templates: Templates): Provider[] {
  const { Properties = {} } = resource;
  const engine = String(Properties['Engine']);
  const said = parameter(Properties['DBClusterParameterGroupName'], place.stack, templates);
  const name = memberClass(place, templates) ?? String(Properties['DBClusterInstanceClass']);
  const most =
    said ?? (name === 'db.serverless' ? serverless(resource, engine) : byMemory(engine, classSize(name)?.memoryGiB));
  if (most === undefined) return [];
  const why = said === undefined ? `${name} by its memory` : 'its parameter group';
  return [{ ...place, most, why, groups: groupsIn(Properties['VpcSecurityGroupIds'], place.stack, templates) }];
}

function serverless(resource: TemplateResource, engine: string): number | undefined {
  const scaling = 'ServerlessV2ScalingConfiguration';
  const [least, most] = ['MinCapacity', 'MaxCapacity'].map((name) => numberOf(inside(resource, scaling, name)));
  if (most === undefined) return undefined;
  return /postgres/.test(engine) ? serverlessConnections(least ?? 0, most) : byMemory(engine, most * C.gibPerAcu.value);
}

function byMemory(engine: string, memoryGiB: number | undefined): number | undefined {
  if (memoryGiB === undefined) return undefined;
  if (/postgres/.test(engine)) return mostConnections(memoryGiB);
  if (/mysql|mariadb/.test(engine)) return Math.floor((memoryGiB * GIB * C.classMemoryShare.value) / MYSQL_BYTES);
  return undefined;
}

/** `max_connections` of a parameter group, where it is a number. */
function parameter(group: unknown, stack: string, templates: Templates): number | undefined {
  const resource = at(group, stack, templates);
  return resource === undefined ? undefined : numberOf(inside(resource, 'Parameters', 'max_connections'));
}

/** Class of a member of a cluster. */
function memberClass(place: Place, templates: Templates): string | undefined {
  for (const [stack, { Resources }] of Object.entries(templates)) {
    for (const { Type, Properties = {} } of Object.values(Resources)) {
      if (Type !== 'AWS::RDS::DBInstance') continue;
      const owner = placeOf(Properties['DBClusterIdentifier'], stack, templates);
      if (owner !== undefined && keyOf(owner) === keyOf(place)) return String(Properties['DBInstanceClass']);
    }
  }
  return undefined;
}

function at(value: unknown, stack: string, templates: Templates): TemplateResource | undefined {
  const place = placeOf(value, stack, templates);
  return place && templates[place.stack]?.Resources[place.id];
}
