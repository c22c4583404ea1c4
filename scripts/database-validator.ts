import { createRequire } from 'node:module';

/** One refusal of the validator that `cdk synth` runs. */
export interface Refusal {
  readonly ruleId: string;
  readonly message: string;
  readonly entity?: { readonly logicalId?: string };
}

interface Validator {
  readonly CompositeEngine: new (
    options: object,
  ) => {
    validateTemplate(template: object, options: object): { readonly diagnostics: readonly Refusal[] };
  };
  readonly TemplateContent: new (text: string, name: string) => object;
}

// It comes with the CDK and is no dependency of ours, so that its data are those of the CDK in use.
const requireOfCdk = createRequire(createRequire(import.meta.url).resolve('aws-cdk-lib/package.json'));
const { CompositeEngine, TemplateContent } = requireOfCdk('@aws/cloudformation-validate') as Validator;
const engine = new CompositeEngine({});

/** Version of the CDK whose validator this is. */
export const { version } = requireOfCdk('./package.json') as { readonly version: string };

/** Refusals of the validator of `cdk synth` for some resources, by logical id, in a region. */
export function refusals(resources: object, region: string): readonly Refusal[] {
  return engine.validateTemplate(new TemplateContent(JSON.stringify({ Resources: resources }), 'asked.json'), {
    detailLevel: 'STANDARD',
    pseudoParameterOverrides: { accountId: '123456789012', region },
    severityLevel: 'ERROR',
  }).diagnostics;
}

/** An instance of RDS for PostgreSQL. */
export const instance = (name: string, engineVersion: string): object => ({
  Type: 'AWS::RDS::DBInstance',
  Properties: {
    Engine: 'postgres',
    EngineVersion: engineVersion,
    DBInstanceClass: name,
    AllocatedStorage: '20',
    StorageEncrypted: true,
  },
});

/** A cluster of Aurora PostgreSQL. */
export const cluster = (engineVersion: string): object => ({
  Type: 'AWS::RDS::DBCluster',
  Properties: { Engine: 'aurora-postgresql', EngineVersion: engineVersion, StorageEncrypted: true },
});

/** An instance of DocumentDB. */
export const document = (name: string): object => ({
  Type: 'AWS::DocDB::DBInstance',
  Properties: { DBClusterIdentifier: 'one', DBInstanceClass: name },
});

/** A cluster of ElastiCache: of its replication groups the validator checks no node type. */
export const cacheCluster = (nodeType: string): object => ({
  Type: 'AWS::ElastiCache::CacheCluster',
  Properties: { Engine: 'valkey', CacheNodeType: nodeType, NumCacheNodes: 1 },
});
