import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { readEnvironmentFile } from '../../lib/config/environment-file';
import { schemaAt } from '../../lib/config/overrides';
import { isTree, valueAt } from '../../lib/config/tree';
import { identityOf } from '../../lib/template/physical-names';
import { synthesise } from '../cdk-context';
import { ENVIRONMENTS } from '../variants';

const root = join(import.meta.dirname, '..', '..');

test.each(ENVIRONMENTS)('%s says its phase, which the workflow for pull requests judges it by', (environment) => {
  expect(readEnvironmentFile(environment, CONFIGURATION_DIRECTORY).tree).toHaveProperty('phase');
});

describe('prod says what the documentation asks to decide on the first day', () => {
  const page = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
  const section = /Things worth deciding on the first day.*?\n\n(?<list>(?:- [\s\S]*?\n)+)\n/.exec(page)?.groups?.[
    'list'
  ];
  const keys = [...(section ?? '').matchAll(/^- `([a-zA-Z.*]+)`/gm)].map(([, key = '']) => key);

  test('the documentation names keys that there are', () => {
    expect(keys.length).toBeGreaterThanOrEqual(4);
    for (const key of keys) expect(schemaAt(key.replace(/\.\*$/, ''))).toBeDefined();
  });

  // A name and its zone belong to whoever deploys this: nobody else has it.
  test.each(keys.filter((key) => key !== 'domain.*'))('%s', (key) => {
    const said = valueAt(readEnvironmentFile('prod', CONFIGURATION_DIRECTORY).tree, key.split('.'));
    expect(said).toBeDefined();
  });
});

/**
 * What an account has, or pays for, once. A second one fails, or records, scans and charges for the same things again.
 * Sources: the pages of each service on its quotas, and https://aws.amazon.com/cloudtrail/pricing/ (2026-11-29)
 */
const ONE_FOR_AN_ACCOUNT = [
  /^AWS::CloudTrail::(Trail|EventDataStore)$/,
  /^AWS::Config::(ConfigurationRecorder|DeliveryChannel)$/,
  /^AWS::GuardDuty::Detector$/,
  /^AWS::SecurityHub::Hub(V2)?$/,
  /^AWS::AccessAnalyzer::Analyzer$/,
  /^AWS::Macie::Session$/,
  /^AWS::Inspector(V2)?::/,
  /^AWS::Detective::Graph$/,
  /^AWS::AuditManager::/,
  /^AWS::ApiGateway::Account$/,
  /^AWS::Logs::(AccountPolicy|ResourcePolicy)$/,
  /^AWS::XRay::(TransactionSearchConfig|ResourcePolicy)$/,
  /^AWS::CE::AnomalyMonitor$/,
  /^AWS::ECR::(RegistryPolicy|RegistryScanningConfiguration|ReplicationConfiguration)$/,
  /^AWS::CodeBuild::SourceCredential$/,
  /^AWS::EC2::(SnapshotBlockPublicAccess|VPCBlockPublicAccessOptions|VPCEncryptionControl)$/,
  /^AWS::IAM::(ServiceLinkedRole|OIDCProvider)$/,
  /^AWS::S3::(StorageLens|AccountPublicAccessBlock)$/,
  /^AWS::SES::VdmAttributes$/,
  /^AWS::CloudFront::MonitoringSubscription$/,
];

describe('all environments fit into one account', () => {
  const all = (): { environment: string; id: string; type: string; properties: Readonly<Record<string, unknown>> }[] =>
    ENVIRONMENTS.flatMap((environment) =>
      Object.values(synthesise(environment, 6)).flatMap(({ Resources }) =>
        Object.entries(Resources).map(([id, { Type, Properties = {} }]) => ({
          environment,
          id,
          type: Type,
          properties: Properties,
        })),
      ),
    );

  test('what an account has once is of one environment', () => {
    const once = all().filter(({ type }) => ONE_FOR_AN_ACCOUNT.some((pattern) => pattern.test(type)));
    expect(once.map(({ environment, type }) => `${environment} ${type}`)).toEqual(['prod AWS::CloudTrail::Trail']);
  });

  test('no two environments give one name to things of one type', () => {
    const names = new Map<string, string[]>();
    for (const { environment, id, type, properties } of all()) {
      const said = (identityOf(type) ?? []).flatMap((part) => properties[part] ?? []);
      if (said.length === 0 || said.some(isTree)) continue;
      const name = `${type} ${said.join(' | ')}`;
      names.set(name, [...(names.get(name) ?? []), `${environment}/${id}`]);
    }
    expect(names.size).toBeGreaterThan(20);
    const environmentsOf = (users: readonly string[]) => new Set(users.map((user) => user.split('/')[0]));
    expect([...names].filter(([, users]) => environmentsOf(users).size > 1)).toEqual([]);
  });
});
