import { type AutoScalingGroup, paginateDescribeAutoScalingGroups } from '@aws-sdk/client-auto-scaling';
import {
  DescribeAddressesCommand,
  DescribeLaunchTemplateVersionsCommand,
  DescribeVolumesCommand,
  type ResponseLaunchTemplateData,
} from '@aws-sdk/client-ec2';
import type { Architecture, FleetPlan } from '../../../lib/architecture/architecture';
import type { Clients } from '../clients';
import type { Evidence } from '../evidence';
import { keyOf } from '../identity';
import { type Check, type Observation, resourcesOf } from '../observation';

const ROLES = ['box', 'app', 'web', 'worker', 'mover'] as const;

function planOf({ async, ...architecture }: Architecture, role: (typeof ROLES)[number]): FleetPlan | undefined {
  return role === 'worker' ? async?.workers.fleet : architecture[role];
}

/** Every fleet of the architecture is there with its launch template, and no other. */
export const checkFleets: Check = async (seen, evidence, aws) => {
  const { architecture } = seen;
  const clients = aws(architecture.region);
  const groups = await groupsOf(clients);
  for (const role of ROLES) {
    const name = `${architecture.environment}-${role}`;
    const mine = groups.filter(({ Tags }) =>
      Tags?.some(({ Key, Value }) => Key === 'beamstalk:fleet' && Value === name),
    );
    const plan = planOf(architecture, role);
    evidence.equal(`number of groups of the fleet ${name}`, mine.length, plan === undefined ? 0 : 1);
    const [group] = mine;
    if (plan !== undefined && group !== undefined) {
      checkGroup(name, plan, group, evidence);
      const { data, latest } = await templateOf(group, clients);
      checkTemplate(name, plan, architecture, data, evidence);
      checkVersions(name, group, latest, evidence);
    }
  }
  await checkBox(seen, clients, evidence);
};

function checkGroup(name: string, plan: FleetPlan, group: AutoScalingGroup, evidence: Evidence): void {
  evidence.equal(`${name}: least and most nodes`, [group.MinSize, group.MaxSize], [plan.minNodes, plan.maxNodes]);
  const { Instances = [], VPCZoneIdentifier = '' } = group;
  const serving = Instances.filter(isInService).length;
  evidence.equal(`${name}: nodes in service`, serving, group.DesiredCapacity);
  const enough = serving >= plan.minNodes;
  evidence.equal(`${name}: at least as many as the minimum`, enough, true, enough ? undefined : 'raised minimum');
  const subnets = VPCZoneIdentifier.split(',').length;
  evidence.equal(`${name}: subnets`, subnets, plan.role === 'box' ? 1 : 3);
  const behind = plan.role === 'app' || plan.role === 'web';
  evidence.equal(`${name}: health check`, group.HealthCheckType, behind ? 'ELB' : 'EC2');
  evidence.equal(`${name}: target groups`, (group.TargetGroupARNs ?? []).length > 0, behind);
}

/** A new version of a template reaches the group, and by a rolling update its nodes. */
function checkVersions(name: string, group: AutoScalingGroup, latest: number | undefined, evidence: Evidence): void {
  const used = group.LaunchTemplate?.Version;
  evidence.equal(`${name}: version of its launch template`, used, String(latest));
  const nodes = new Set(group.Instances?.map(({ LaunchTemplate }) => LaunchTemplate?.Version));
  // Only a second version can show whether nodes follow.
  evidence.equal(
    `${name}: versions that its nodes run`,
    [...nodes],
    // A group that is to have no nodes has none of any version.
    group.DesiredCapacity === 0 ? [] : [used],
    latest === 1 ? undefined : 'rolling update',
  );
}

function checkTemplate(
  name: string,
  plan: FleetPlan,
  { node, app }: Architecture,
  data: ResponseLaunchTemplateData | undefined,
  evidence: Evidence,
): void {
  evidence.equal(`${name}: instance type`, data?.InstanceType, plan.instanceType.name);
  evidence.equal(`${name}: metadata tokens`, data?.MetadataOptions?.HttpTokens, 'required');
  const volumes = data?.BlockDeviceMappings?.map(({ Ebs }) => [Ebs?.Encrypted, Ebs?.VolumeSize]);
  evidence.equal(`${name}: root volume, encrypted and its size`, volumes, [[true, node.rootVolumeGiB]]);
  evidence.holds(`${name}: its image is not resolved at launch`, data?.ImageId?.startsWith('resolve:ssm:') ?? false);
  const publicAddresses = data?.NetworkInterfaces?.map(({ AssociatePublicIpAddress }) => AssociatePublicIpAddress);
  evidence.equal(`${name}: public addresses`, publicAddresses, [
    plan.role === 'box' || (plan.role === 'mover' && app === undefined),
  ]);
  const tracking = data?.NetworkInterfaces?.map((face) => face.ConnectionTrackingSpecification?.TcpEstablishedTimeout);
  evidence.equal(`${name}: connection tracking is set`, tracking?.every(Number.isInteger), true, 'connection tracking');
}

/** The address and the data volume of the single server, by what their own service says. */
async function checkBox(seen: Observation, { ec2 }: Clients, evidence: Evidence): Promise<void> {
  const { box, localDatabase, environment } = seen.architecture;
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  const own = Addresses.filter(({ Tags }) =>
    Tags?.some(({ Key, Value }) => Key === 'Name' && Value === `${environment}-box`),
  );
  evidence.equal('Elastic IPs of the box', own.length, box === undefined ? 0 : 1);

  const ids = resourcesOf(seen, 'AWS::EC2::Volume').map(({ physicalId }) => physicalId);
  evidence.equal('data volumes in the stacks', ids.length, localDatabase === undefined ? 0 : 1);
  if (localDatabase === undefined || ids.length === 0) return;
  const { Volumes = [] } = await ec2.send(new DescribeVolumesCommand({ VolumeIds: ids }));
  evidence.equal(
    'data volume: encrypted, GiB, type',
    Volumes.map(({ Encrypted, Size, VolumeType }) => [Encrypted, Size, VolumeType]),
    [[true, localDatabase.volumeGiB, 'gp3']],
  );
  const publicSubnet = resourcesOf(seen, 'AWS::EC2::Subnet', 'publicSubnet1').map(
    ({ stack, logicalId }) => seen.live.get(`${stack}/${logicalId}`)?.['AvailabilityZone'],
  );
  evidence.equal(
    'zone of the data volume',
    Volumes.map(({ AvailabilityZone }) => AvailabilityZone),
    publicSubnet,
  );
}

/** User data of two phases, where nothing that it is made of has changed between them. */
export function checkUserData(before: Observation, after: Observation, evidence: Evidence): void {
  for (const role of ROLES) {
    const [was, is] = [before, after].map((seen) => blueprintOf(seen.architecture, role));
    if (was === undefined || was !== is) continue;
    const part = LAUNCH_TEMPLATES[role];
    const [old, current] = [before, after].map((seen) => userDataOf(seen, part));
    const lines = current?.filter((line) => !old?.includes(line));
    evidence.equal(`user data of the fleet ${role}: new lines after the climb`, lines, []);
    evidence.equal(`user data of the fleet ${role}: number of lines`, current?.length, old?.length);
  }
}

const LAUNCH_TEMPLATES: Readonly<Record<(typeof ROLES)[number], string>> = {
  box: 'BoxFleet',
  app: 'TiersAppLaunchTemplate',
  web: 'TiersWebLaunchTemplate',
  worker: 'WorkersFleetLaunchTemplate',
  mover: 'MoverNodesLaunchTemplate',
};

function blueprintOf(architecture: Architecture, role: (typeof ROLES)[number]): string | undefined {
  const { node, ingress, localDatabase, delivery, alerts, async, functions, sharding, tables } = architecture;
  const plan = planOf(architecture, role);
  // What a later phase brings to nodes is in their files, so that they roll when it comes.
  const later = [delivery, alerts, async, functions, sharding, tables].map((part) => part !== undefined);
  // Where sessions live is in the app nodes' files, so that they roll when it changes.
  const sessions = role === 'app' && ingress?.stickySessions;
  const own = role === 'box' && localDatabase !== undefined;
  return plan && JSON.stringify([plan.instanceType, node, ingress?.kind, sessions, own, later, async?.pressure]);
}

function userDataOf(seen: Observation, part: string): string[] {
  return resourcesOf(seen, 'AWS::EC2::LaunchTemplate', part).flatMap((resource) => {
    const live = seen.live.get(keyOf(resource))?.['LaunchTemplateData'] as ResponseLaunchTemplateData | undefined;
    return Buffer.from(live?.UserData ?? '', 'base64')
      .toString('utf8')
      .split('\n');
  });
}

async function groupsOf({ autoScaling }: Clients): Promise<AutoScalingGroup[]> {
  const groups: AutoScalingGroup[] = [];
  for await (const page of paginateDescribeAutoScalingGroups({ client: autoScaling }, {})) {
    groups.push(...(page.AutoScalingGroups ?? []));
  }
  return groups;
}

interface Template {
  readonly data: ResponseLaunchTemplateData | undefined;
  readonly latest: number | undefined;
}

/** The version of its launch template that a group uses, and the number of the latest. */
async function templateOf(group: AutoScalingGroup, { ec2 }: Clients): Promise<Template> {
  const { LaunchTemplateId, Version = '$Latest' } = group.LaunchTemplate ?? {};
  const read = async (version: string) => {
    const request = new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId, Versions: [version] });
    return (await ec2.send(request)).LaunchTemplateVersions?.[0];
  };
  const [used, latest] = await Promise.all([read(Version), read('$Latest')]);
  return { data: used?.LaunchTemplateData, latest: latest?.VersionNumber };
}

function isInService({ LifecycleState }: { readonly LifecycleState?: string | undefined }): boolean {
  return LifecycleState === 'InService';
}
