import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type CfnElement, Stack } from 'aws-cdk-lib';
import { buildApp } from '../../lib/app';
import { architectureOf } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { NodeFleet } from '../../lib/constructs/compute/node-fleet';
import type { BootStep, NodeRole } from '../../lib/node/blueprint';
import type { Template, Templates } from '../../lib/template/template';
import { cdkContext } from '../cdk-context';
import type { Variant } from '../variants';
import { Account } from './physical';

/** Nodes of one fleet: the role of their instances, and what they do while they boot. */
export interface SurveyedFleet {
  readonly stack: string;
  /** Logical id of the role. */
  readonly roleId: string;
  readonly role: NodeRole;
  readonly steps: readonly BootStep[];
}

/** One environment as it would be deployed, with what its templates do not say. */
export interface Survey {
  readonly variant: string;
  readonly environment: string;
  /** Knows what the resources of its templates are called. */
  readonly account: Account;
  /** Whether it is told as whom to send mail. */
  readonly sendsMail: boolean;
  readonly templates: Templates;
  readonly fleets: readonly SurveyedFleet[];
}

/** Synthesises one variant and looks around in it. */
export function surveyOf({ name, context }: Variant): Survey {
  const configuration = readConfiguration({ context, directory: CONFIGURATION_DIRECTORY });
  const outdir = mkdtempSync(join(tmpdir(), 'beamstalk-survey-'));
  try {
    const app = new App({
      context: { ...cdkContext(), 'aws:cdk:disable-asset-staging': true },
      outdir,
      analyticsReporting: false,
      treeMetadata: false,
    });
    buildApp(app, configuration);
    const { stacks } = app.synth();
    const templates = Object.fromEntries(stacks.map(({ stackName, template }) => [stackName, template as Template]));
    const fleets = app.node.findAll().flatMap((part) => (part instanceof NodeFleet ? [surveyed(part)] : []));
    return {
      variant: name,
      environment: configuration.environment,
      account: new Account(
        templates,
        Object.fromEntries(stacks.map(({ stackName, environment }) => [stackName, environment.region])),
      ),
      sendsMail: (architectureOf(configuration).async?.workers.mailIdentities ?? []).length > 0,
      templates,
      fleets,
    };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

function surveyed(fleet: NodeFleet): SurveyedFleet {
  const stack = Stack.of(fleet);
  return {
    stack: stack.stackName,
    roleId: stack.resolve((fleet.role.node.defaultChild as CfnElement).logicalId) as string,
    role: fleet.nodeRole,
    steps: fleet.steps,
  };
}
