import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { Architecture } from '../../lib/architecture/architecture';
import { architectureOf } from '../../lib/architecture/phases';
import { readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { NodeFleet } from '../../lib/constructs/compute/node-fleet';
import { SUBNETS } from '../../lib/constructs/network/environment-network';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { bootSteps } from '../../lib/node/boot-steps';
import { type CloudFormationResource, type CloudFormationTemplate, cdkContext } from '../cdk-context';

/** A resource with its logical id. */
export interface Found {
  readonly id: string;
  readonly resource: CloudFormationResource;
  readonly properties: NonNullable<CloudFormationResource['Properties']>;
}

export const VPC_CIDR = '10.9.0.0/16';

/** A stack of its own for one construct. */
export function singleStack(): Stack {
  const app = new App({ context: cdkContext(), analyticsReporting: false });
  return new Stack(app, 'test-stack', { env: { region: 'us-east-1' } });
}

/** A network with the house's groups of subnets, by ids that say which they are. */
export function network(scope: Construct): ec2.IVpc {
  const zones = ['a', 'b', 'c'];
  const group = (name: string) => ({
    ids: zones.map((zone) => `subnet-${name}-${zone}`),
    names: [name],
    tables: zones.map((zone) => `rtb-${name}-${zone}`),
  });
  const [open, app, data] = [group('public'), group('app'), group('data')];
  return ec2.Vpc.fromVpcAttributes(scope, 'Vpc', {
    vpcId: 'vpc-test',
    vpcCidrBlock: VPC_CIDR,
    availabilityZones: zones.map((zone) => `us-east-1${zone}`),
    publicSubnetIds: open.ids,
    publicSubnetNames: open.names,
    publicSubnetRouteTableIds: open.tables,
    privateSubnetIds: app.ids,
    privateSubnetNames: app.names,
    privateSubnetRouteTableIds: app.tables,
    isolatedSubnetIds: data.ids,
    isolatedSubnetNames: data.names,
    isolatedSubnetRouteTableIds: data.tables,
  });
}

/** The ids of one group of that network. */
export function subnetIds(group: 'public' | 'app' | 'data'): string[] {
  return ['a', 'b', 'c'].map((zone) => `subnet-${group}-${zone}`);
}

/** Stands for a stack that is not there: nothing is found in it. */
export const EMPTY: CloudFormationTemplate = { Resources: {} };

/** What a configuration over config/dev.json builds. */
export function architecture(phase: PhaseNumber, context: Readonly<Record<string, unknown>> = {}): Architecture {
  return architectureOf(readConfiguration({ context: { ...context, phase }, directory: CONFIGURATION_DIRECTORY }));
}

/** A part that the architecture must have for a test to make sense. */
export function required<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the architecture lacks the part under test');
  return part;
}

export function templateOf(stack: Stack): CloudFormationTemplate {
  return Template.fromStack(stack).toJSON() as CloudFormationTemplate;
}

/** All resources of a type, in the order of their logical ids. */
export function all(template: CloudFormationTemplate, type: string): Found[] {
  return Object.entries(template.Resources)
    .filter(([, { Type }]) => Type === type)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, resource]) => ({ id, resource, properties: resource.Properties ?? {} }));
}

/** The one resource of a type whose logical id begins so. */
export function one(template: CloudFormationTemplate, type: string, prefix = ''): Found {
  const [found, ...more] = all(template, type).filter(({ id }) => id.startsWith(prefix));
  if (found === undefined || more.length > 0) {
    throw new Error(`${found === undefined ? 'no' : `${more.length + 1}`} ${type} ${prefix} in the template`);
  }
  return found;
}

/** The hooks that a group has of itself: name -> the rest. */
export function hooksOf({ properties }: Found): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const hooks = (properties['LifecycleHookSpecificationList'] ?? []) as readonly Record<string, unknown>[];
  return Object.fromEntries(hooks.map(({ LifecycleHookName, ...rest }) => [String(LifecycleHookName), rest]));
}

export interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: Readonly<Record<string, unknown>>;
}

/** All policies of roles: the CDK puts what does not fit into the one of a role into others, which it calls managed. */
export function policies(template: CloudFormationTemplate): Found[] {
  return ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'].flatMap((type) => all(template, type));
}

/** The statements of all policies of roles. */
export function permissions(template: CloudFormationTemplate): Statement[] {
  return policies(template).flatMap(
    ({ properties }) => (properties['PolicyDocument'] as { Statement: Statement[] }).Statement,
  );
}

/** The statements that name an action. */
export function allowing(statements: readonly Statement[], action: string): Statement[] {
  return statements.filter(({ Action }) => [Action].flat().includes(action));
}

/** Everything of a value that is text, with references by their logical ids: to look for what must not be in it. */
export function textOf(value: unknown): string {
  return JSON.stringify(value);
}

/** A fleet for what stands before fleets. */
export function appFleet(scope: Construct, vpc: ec2.IVpc, id = 'Nodes'): NodeFleet {
  const { node, app } = architecture(2);
  return new NodeFleet(scope, id, {
    environment: 'dev',
    plan: required(app),
    node,
    vpc,
    subnets: SUBNETS.app,
    steps: bootSteps({ role: 'app' }),
    behindLoadBalancer: true,
    drainSeconds: 120,
  });
}

/** Whom the security groups of a template let in: `<source> -> <group> <port>`, groups by their logical ids. */
export function openings(template: CloudFormationTemplate): string[] {
  const inline = all(template, 'AWS::EC2::SecurityGroup').flatMap(({ id, properties }) =>
    ((properties['SecurityGroupIngress'] ?? []) as Ingress[]).map((rule) => opening(rule, id)),
  );
  const apart = all(template, 'AWS::EC2::SecurityGroupIngress').map(({ properties }) => {
    const rule = properties as Ingress;
    return opening(rule, groupOf(rule.GroupId));
  });
  return [...inline, ...apart].sort();
}

interface Ingress {
  readonly GroupId?: unknown;
  readonly SourceSecurityGroupId?: unknown;
  readonly CidrIp?: unknown;
  readonly CidrIpv6?: string;
  readonly SourcePrefixListId?: string;
  readonly IpProtocol: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
}

function opening(rule: Ingress, group: string): string {
  const { SourceSecurityGroupId, SourcePrefixListId, CidrIp, CidrIpv6, IpProtocol, FromPort, ToPort } = rule;
  const source =
    SourceSecurityGroupId === undefined ? (CidrIp ?? CidrIpv6 ?? SourcePrefixListId) : groupOf(SourceSecurityGroupId);
  const ports = FromPort === ToPort ? FromPort : `${FromPort}-${ToPort}`;
  return `${String(source)} -> ${group} ${IpProtocol} ${ports}`;
}

/** Logical id of a security group without its hash. */
function groupOf(reference: unknown): string {
  const { 'Fn::GetAtt': [id = ''] = [] } = reference as { 'Fn::GetAtt'?: string[] };
  return id;
}

/** Attributes of a load balancer or target group, which the service takes as a list. */
export function attributesOf(list: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries((list as { Key: string; Value: unknown }[]).map(({ Key, Value }) => [Key, Value]));
}
