import { type ClassedService, databaseClasses, engineVersions, type VersionedEngine } from '../facts/database-engines';
import { FIRST_PHASE_OF } from '../facts/phase-numbers';
import type { Check } from './check';
import { listed } from './nearest';
import type { Settings } from './schema';

const NAMES = {
  postgresql: 'RDS for PostgreSQL',
  auroraPostgresql: 'Aurora PostgreSQL',
  documents: 'DocumentDB',
  cache: 'ElastiCache',
};

function wrongClass(service: ClassedService, region: string, name: string, version?: string): string | undefined {
  const known = databaseClasses(service, region, version);
  if (known === undefined || known.includes(name)) return undefined;
  const engine = version === undefined ? NAMES[service] : `${NAMES[service]} ${version}`;
  return `${service === 'cache' ? 'a node type' : 'an instance class'} that ${engine} has in ${region}: ${listed(known, name)}`;
}

function wrongVersion(engine: VersionedEngine, version: string): string | undefined {
  const known = engineVersions(engine);
  return known.includes(version) ? undefined : `a version that ${NAMES[engine]} has: ${listed(known, version)}`;
}

/** The database of phases 1 to 5, which stays while a climb to phase 6 expands. */
const hasSingle = ({ phase }: Settings, lowestPhase: number): boolean =>
  phase >= FIRST_PHASE_OF.database && lowestPhase < FIRST_PHASE_OF.extremeData;

const hasReplicas = (settings: Settings, lowestPhase: number): boolean =>
  settings.phase >= FIRST_PHASE_OF.replicas && settings.database.replicas > 0 && hasSingle(settings, lowestPhase);

const hasExtremeData = ({ phase }: Settings): boolean => phase >= FIRST_PHASE_OF.extremeData;

/**
 * Classes and versions that `cdk synth` refuses, and node types, which it would of a single node. Its validator says so late, with a wall of what it takes, and the other
 * commands do without it, because it costs two seconds (lib/facts/database-engines.json).
 */
export const DATABASE_ENGINE_CHECKS: readonly Check[] = [
  {
    keys: ['database.class', 'database.engineVersion', 'region', 'phase'],
    violated: (settings, lowestPhase) =>
      hasSingle(settings, lowestPhase)
        ? wrongClass('postgresql', settings.region, settings.database.class, settings.database.engineVersion)
        : undefined,
  },
  {
    keys: [
      'database.replicaClass',
      'database.class',
      'database.replicaEngineVersion',
      'database.engineVersion',
      'database.replicas',
      'region',
      'phase',
    ],
    violated: (settings, lowestPhase) => {
      const { database, region } = settings;
      const { replicaClass = database.class, replicaEngineVersion = database.engineVersion } = database;
      const isOfWriter = replicaClass === database.class && replicaEngineVersion === database.engineVersion;
      return hasReplicas(settings, lowestPhase) && !isOfWriter
        ? wrongClass('postgresql', region, replicaClass, replicaEngineVersion)
        : undefined;
    },
  },
  {
    keys: ['database.engineVersion', 'phase'],
    violated: ({ database, phase }) =>
      phase >= FIRST_PHASE_OF.database ? wrongVersion('postgresql', database.engineVersion) : undefined,
  },
  {
    keys: ['database.replicaEngineVersion', 'phase'],
    violated: ({ database: { replicaEngineVersion }, phase }) =>
      replicaEngineVersion !== undefined && phase >= FIRST_PHASE_OF.replicas
        ? wrongVersion('postgresql', replicaEngineVersion)
        : undefined,
  },
  {
    keys: ['data.functions', 'database.engineVersion', 'database.replicaEngineVersion', 'region', 'phase'],
    violated: (settings) => {
      if (!hasExtremeData(settings)) return undefined;
      const { engineVersion, replicaEngineVersion = engineVersion } = settings.database;
      for (const [name, one] of Object.entries(settings.data.functions)) {
        const versions = one.replicas > 0 ? [engineVersion, replicaEngineVersion] : [engineVersion];
        for (const version of versions) {
          const allowed = wrongClass('postgresql', settings.region, one.class, version);
          if (allowed !== undefined) return { key: `data.functions.${name}.class`, allowed };
        }
      }
      return undefined;
    },
  },
  {
    keys: ['data.sharding.engineVersion', 'data.sharding.engine', 'phase'],
    violated: (settings) => {
      const { engine, engineVersion } = settings.data.sharding;
      return hasExtremeData(settings) && engine === 'clusters'
        ? wrongVersion('auroraPostgresql', engineVersion)
        : undefined;
    },
  },
  {
    keys: ['data.documents.class', 'data.documents.enabled', 'region', 'phase'],
    violated: (settings) => {
      const { enabled, class: name } = settings.data.documents;
      return hasExtremeData(settings) && enabled ? wrongClass('documents', settings.region, name) : undefined;
    },
  },
  {
    keys: ['cache.class', 'region', 'phase'],
    violated: ({ cache, region, phase }) =>
      phase >= FIRST_PHASE_OF.replicas ? wrongClass('cache', region, cache.class) : undefined,
  },
];
