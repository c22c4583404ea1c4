import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as rds from 'aws-cdk-lib/aws-rds';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildApp } from '../../lib/app';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { allow } from '../../lib/policies/allow';
import { startedValidator } from '../../lib/policies/started-validator';
import { cdkContext } from '../cdk-context';
import { VARIANTS } from '../variants';

// Users synthesise with AWS's validator.
beforeAll(() => {
  vi.stubEnv('CDK_VALIDATION', undefined);
});
afterAll(() => {
  vi.unstubAllEnvs();
});

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

const AWS = 'CloudFormation Validate';
const NAG = 'AwsSolutions';

/** AWS's validator as an app has it that a user synthesises, started once for all variants. */
const VALIDATOR = startedValidator();

/** Synthesises as a user does, with both validators, and returns each finding as `plugin: rule at construct`. */
function findings(build: (app: App) => void): string[] {
  const outdir = mkdtempSync(join(tmpdir(), 'policies-'));
  const app = new App({ context: cdkContext(), outdir, analyticsReporting: false });
  Validations.of(app).addPlugins(VALIDATOR, new AwsSolutionsChecks(app));
  build(app);
  try {
    app.synth();
  } catch (error) {
    // What is wrong stands in the report, warnings included.
    if (!String(error).includes('ValidationFailed')) throw error;
  }
  const path = join(outdir, 'validation-report.json');
  if (!existsSync(path)) return [];
  const { pluginReports } = JSON.parse(readFileSync(path, 'utf8')) as Report;
  return pluginReports.flatMap(({ pluginName, violations }) =>
    violations.flatMap(({ ruleName, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath }) => `${pluginName}: ${ruleName} at ${constructPath}`),
    ),
  );
}

/** Something that each validator refuses: without a finding there is no report, as if no validator had run. */
function canary(app: App): void {
  const stack = new Stack(app, 'canary');
  new rds.CfnDBInstance(stack, 'Replica', {
    sourceDbInstanceIdentifier: 'writer',
    storageEncrypted: true,
    dbInstanceClass: 'db.t4g.micro',
  });
}

const CANARY = [`${AWS}: F3020 at canary/Replica`, `${NAG}: AwsSolutions-RDS3 at canary/Replica`];

describe('both validators find what is wrong with the canary, and nothing else that is not acknowledged', () => {
  test.each(VARIANTS)('$name', ({ context }) => {
    const found = findings((app) => {
      buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
      canary(app);
    });
    expect(found).toEqual(expect.arrayContaining(CANARY));
    expect(found.filter((finding) => !finding.endsWith(' at canary/Replica'))).toEqual([]);
  });
});

describe('acknowledging', () => {
  test('a bucket without TLS and logs is not accepted unseen', () => {
    const found = findings((app) => {
      new s3.Bucket(new Stack(app, 'bad'), 'Bucket');
    });
    expect(found).toContainEqual(expect.stringContaining(`${NAG}: AwsSolutions-S1 at bad/Bucket`));
    expect(found).toContainEqual(expect.stringContaining(`${NAG}: AwsSolutions-S10 at bad/Bucket`));
  });

  test('one accepted wildcard accepts no other', () => {
    const found = findings((app) => {
      const role = new iam.Role(new Stack(app, 'bad'), 'Role', {
        assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      });
      allow(role, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::mine/*'], wildcardsBecause: 'a reason' });
      allow(role, { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::yours/*'] });
    });
    expect(found.filter((finding) => finding.includes('IAM5'))).toEqual([
      expect.stringContaining('AwsSolutions-IAM5[Resource::arn:aws:s3:::yours/*]'),
    ]);
  });
});
