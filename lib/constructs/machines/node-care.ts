import { Tags } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { NodeImage, NodeRole } from '../../node/blueprint';
import { allow } from '../../policies/allow';
import type { NodeFleet } from '../compute/node-fleet';
import { playbookOf } from './playbook';

export interface NodeCareProps {
  readonly environment: string;
  readonly image: NodeImage;
  readonly fleets: readonly { readonly role: NodeRole; readonly fleet: NodeFleet }[];
  /** `s3://<bucket>/<key>.zip` of Ansible playbooks; the bucket is in the region of the environment. */
  readonly playbook?: string;
}

/** Days that an update has been public before a node is said to lack it: makers take some back. Assumed. */
const APPROVE_AFTER_DAYS = 7;

const SECURITY: Readonly<Record<NodeImage, { readonly system: string; readonly filters: Record<string, string[]> }>> = {
  'amazon-linux-2023': {
    system: 'AMAZON_LINUX_2023',
    filters: { CLASSIFICATION: ['Security'], SEVERITY: ['Critical', 'Important'] },
  },
  'debian-13': { system: 'DEBIAN', filters: { PRIORITY: ['Required', 'Important', 'Standard'] } },
};

/**
 * Systems Manager for running nodes: lists their software, reports missing security updates, and applies the playbook. It
 * installs no update: a node is not mended but replaced, and a new one starts from the newest image.
 */
export class NodeCare extends Construct {
  constructor(scope: Construct, id: string, { environment, image, fleets, playbook }: NodeCareProps) {
    super(scope, id);
    // Nodes bear this tag; the NAT instance and others that Systems Manager knows do not.
    const targets = [{ key: 'tag:beamstalk:fleet', values: fleets.map(({ role }) => `${environment}-${role}`) }];
    const { system, filters } = SECURITY[image];
    new ssm.CfnPatchBaseline(this, 'Baseline', {
      // Only a name; AWS identifies a baseline by an id of its own.
      name: `${environment}-nodes`,
      description: `Security updates that nodes of ${environment} should have`,
      operatingSystem: system,
      patchGroups: [environment],
      approvalRules: {
        patchRules: [
          {
            approveAfterDays: APPROVE_AFTER_DAYS,
            complianceLevel: 'HIGH',
            patchFilterGroup: {
              patchFilters: Object.entries(filters).map(([key, values]) => ({ key, values })),
            },
          },
        ],
      },
    });
    // By this tag a node finds its baseline.
    for (const { fleet } of fleets) Tags.of(fleet.group).add('PatchGroup', environment);

    new ssm.CfnAssociation(this, 'Inventory', {
      name: 'AWS-GatherSoftwareInventory',
      associationName: `${environment}-inventory`,
      targets,
      scheduleExpression: 'rate(12 hours)',
      parameters: Object.fromEntries(
        ['applications', 'awsComponents', 'networkConfig', 'services', 'instanceDetailedInformation'].map((what) => [
          what,
          ['Enabled'],
        ]),
      ),
    });
    new ssm.CfnAssociation(this, 'MissingUpdates', {
      name: 'AWS-RunPatchBaseline',
      associationName: `${environment}-missing-updates`,
      targets,
      scheduleExpression: 'rate(1 day)',
      parameters: { Operation: ['Scan'], RebootOption: ['NoReboot'] },
      complianceSeverity: 'HIGH',
      maxConcurrency: '25%',
      maxErrors: '100%',
    });
    if (playbook !== undefined) this.apply(playbook, environment, targets, fleets);
  }

  private apply(
    playbook: string,
    environment: string,
    targets: ssm.CfnAssociation.TargetProperty[],
    fleets: NodeCareProps['fleets'],
  ): void {
    const { url, objectArn } = playbookOf(playbook, this);
    for (const { fleet } of fleets) allow(fleet.role, { actions: ['s3:GetObject'], resources: [objectArn] });
    new ssm.CfnAssociation(this, 'Playbook', {
      name: 'AWS-ApplyAnsiblePlaybooks',
      associationName: `${environment}-playbook`,
      targets,
      // Runs when a node joins, and then once a day.
      scheduleExpression: 'rate(1 day)',
      parameters: {
        SourceType: ['S3'],
        SourceInfo: [JSON.stringify({ path: url })],
        InstallDependencies: ['True'],
        PlaybookFile: ['site.yml'],
        ExtraVariables: ['SSM=True'],
        Check: ['False'],
        Verbose: ['-v'],
      },
      complianceSeverity: 'MEDIUM',
      // One node after the other, and no further than the first that fails: a playbook can break a fleet.
      maxConcurrency: '1',
      maxErrors: '0',
    });
  }
}
