import { Duration, Lazy, Stack, Tags } from 'aws-cdk-lib';
import * as autoscaling from 'aws-cdk-lib/aws-autoscaling';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FleetPlan, NodePlan } from '../../architecture/architecture';
import type { BootStep, NodeJobs, NodePressure, NodeRole } from '../../node/blueprint';
import { heartbeatSeconds } from '../../node/drain';
import { goldenImageParameter } from '../../node/golden-image';
import { LIFECYCLE_HOOKS } from '../../node/lifecycle-hooks';
import { parameterReads } from '../../node/parameter-reads';
import { userData } from '../../node/user-data';
import { acknowledge } from '../../policies/acknowledge';
import { allow } from '../../policies/allow';
import { letReadParameters, type PublishedParameters } from '../parameters/published-parameters';
import { settingsDigest } from '../parameters/settings-digest';
import { BootBundle } from './boot-bundle';
import { tagInstances } from './instance-tag';
import { machineImage } from './machine-image';
import { letFinishHooks, logicalIdOf } from './own-life';
import { letBeManaged } from './systems-manager';

/** Seconds after which the security group forgets an idle connection: longer than an NLB keeps one (6,000). */
const IDLE_CONNECTION_SECONDS = 7200;

/** Longest time from launch to the signal of success: packages, a volume set free, a database restored. */
const BOOT_TIMEOUT = Duration.minutes(15);

/**
 * Time from a node's being in service to its being counted by scaling. Without a launch hook a node is in service as
 * soon as its instance runs, so that the boot is part of it (assumed: four minutes and one to get its share of users);
 * behind one it serves when it is in service.
 */
const WARM_UP = { booting: Duration.minutes(5), booted: Duration.minutes(1) };

export interface NodeFleetProps {
  readonly environment: string;
  readonly plan: FleetPlan;
  readonly node: NodePlan;
  readonly vpc: ec2.IVpc;
  readonly subnets: ec2.SubnetSelection;
  /** Steps of a boot, in their order. */
  readonly steps: readonly BootStep[];
  /** True when nodes get a public IPv4 address when they start. */
  readonly publicAddress?: boolean;
  /** Store of sessions; not needed by a fleet that serves none. */
  readonly sessions?: 'node' | 'cache';
  /** TCP passed through to the node, TLS included (`ingress: sockets`). */
  readonly passThrough?: boolean;
  /** Load shedding when the queues do not keep up (phase 5 and later). */
  readonly pressure?: NodePressure;
  /** Jobs of a worker. */
  readonly jobs?: NodeJobs;
  /** True when the load balancer's health check decides over a node's life, beside EC2's own. */
  readonly behindLoadBalancer: boolean;
  /** Seconds a node may take to let its connections go; 0 for no drain. Range 0 to 172,800. */
  readonly drainSeconds: number;
}

/**
 * Nodes of one role in one Auto Scaling group, one BEAM (or one nginx) per instance. A node that does not boot or
 * does not answer is replaced; a change of the launch template rolls through the fleet.
 */
export class NodeFleet extends Construct implements ec2.IConnectable, iam.IGrantable {
  readonly connections: ec2.Connections;
  readonly grantPrincipal: iam.IPrincipal;
  readonly role: iam.Role;
  readonly group: autoscaling.AutoScalingGroup;
  /** Role and boot steps of its nodes, by which the permissions gate knows the calls that they make. */
  readonly nodeRole: NodeRole;
  readonly steps: readonly BootStep[];

  constructor(scope: Construct, id: string, props: NodeFleetProps) {
    super(scope, id);
    const { environment, plan, node, vpc } = props;
    const stack = Stack.of(this);
    const name = `${environment}-${plan.role}`;
    this.nodeRole = plan.role;
    this.steps = props.steps;

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Nodes of the fleet ${name}`,
      allowAllIpv6Outbound: true,
    });
    acknowledge(
      securityGroup,
      'Annotation::@aws-cdk/aws-ec2:ipv4IgnoreEgressRule',
      'A fleet asks for access from its own side; its way out is open already, and the rule that counts is at the other end.',
    );
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com'),
      description: `What nodes of the fleet ${name} may do`,
    });
    this.grantPrincipal = this.role;
    letBeManaged(this.role);

    const bundle = new BootBundle(this, 'Boot', {
      environment,
      region: stack.region,
      role: plan.role,
      instanceType: plan.instanceType,
      image: node.image,
      releaseArchitecture: node.releaseArchitecture,
      appPort: node.appPort,
      tlsPort: node.tlsPort,
      healthPath: node.healthPath,
      evictPerSecond: node.evictPerSecond,
      passThrough: props.passThrough ?? false,
      sessions: props.sessions,
      ...(props.pressure && { pressure: props.pressure }),
      ...(props.jobs && { jobs: props.jobs }),
      // A proxy and a mover run no release, and do not roll with it.
      ...(plan.role !== 'web' && plan.role !== 'mover' && { releaseUri: node.releaseUri }),
      steps: props.steps,
    });
    allow(this.role, {
      actions: ['s3:GetObject'],
      resources: [bundle.asset.bucket.arnForObjects(bundle.asset.s3ObjectKey)],
    });
    letReadParameters(this.role, environment, parameterReads(plan.role, props.steps));

    const together = plan.placement === 'cluster';
    const launchTemplate = new ec2.LaunchTemplate(this, 'LaunchTemplate', {
      // Named here, where a version without it leaves it. A group has to be told an empty name, and one that keeps the old is
      // refused its three zones; that CloudFormation tells it so is not documented.
      // Source: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html (2026-11-30)
      ...(together && {
        placementGroup: new ec2.PlacementGroup(this, 'Placement', { strategy: ec2.PlacementGroupStrategy.CLUSTER }),
      }),
      instanceType: new ec2.InstanceType(plan.instanceType.name),
      // Resolved when an instance is launched, too.
      machineImage: node.goldenImages
        ? ec2.MachineImage.resolveSsmParameterAtLaunch(
            goldenImageParameter(environment, plan.instanceType.architecture),
          )
        : machineImage(node.image, plan.instanceType.architecture),
      role: this.role,
      securityGroup,
      userData: ec2.UserData.custom(
        Lazy.string({
          produce: () =>
            userData({
              bundleUrl: bundle.asset.s3ObjectUrl,
              image: node.image,
              region: stack.region,
              environment,
              role: plan.role,
              stackName: stack.stackName,
              fleetLogicalId: logicalIdOf(this.group),
            }),
        }),
      ),
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      // Named in the template so that it writes a network interface, which alone can carry the tracking time below.
      associatePublicIpAddress: props.publicAddress ?? false,
      detailedMonitoring: true,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: ec2.BlockDeviceVolume.ebs(node.rootVolumeGiB, {
            encrypted: true,
            volumeType: ec2.EbsDeviceVolumeType.GP3,
          }),
        },
      ],
    });
    // The same on every rung of the ladder: on its own a type forgets idle connections after 350 s, or after five days.
    // Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
    const cfnLaunchTemplate = launchTemplate.node.defaultChild as ec2.CfnLaunchTemplate;
    cfnLaunchTemplate.addPropertyOverride('LaunchTemplateData.NetworkInterfaces.0.ConnectionTrackingSpecification', {
      TcpEstablishedTimeout: IDLE_CONNECTION_SECONDS,
    });
    // Another setting is another version, which rolls the fleet.
    tagInstances(cfnLaunchTemplate, 'beamstalk:settings', settingsDigest(this, environment, plan.role));

    const { minNodes, maxNodes, scaling, lifetimeDays } = plan;
    const warmPool = scaling !== undefined && scaling.warmNodes > 0;
    this.group = new autoscaling.AutoScalingGroup(this, 'Group', {
      vpc,
      vpcSubnets: together ? inOneZone(vpc, props.subnets) : props.subnets,
      launchTemplate,
      minCapacity: minNodes,
      maxCapacity: maxNodes,
      // The password of its boot lasts longer than a node.
      ...(lifetimeDays !== undefined && { maxInstanceLifetime: Duration.days(lifetimeDays) }),
      healthChecks: props.behindLoadBalancer
        ? autoscaling.HealthChecks.withAdditionalChecks({
            additionalTypes: [autoscaling.AdditionalHealthCheckType.ELB],
            gracePeriod: BOOT_TIMEOUT,
          })
        : autoscaling.HealthChecks.ec2({ gracePeriod: BOOT_TIMEOUT }),
      signals: autoscaling.Signals.waitForMinCapacity({ timeout: BOOT_TIMEOUT }),
      ...(scaling && { defaultInstanceWarmup: warmPool ? WARM_UP.booted : WARM_UP.booting }),
      updatePolicy: warmPool ? refreshWithPool() : rollOneByOne(minNodes, maxNodes),
      groupMetrics: [autoscaling.GroupMetrics.all()],
    });
    acknowledge(
      this.group,
      'AwsSolutions-AS3',
      'Launches and terminations reach EventBridge without a topic; alarms come with phase 4.',
    );
    if (warmPool) {
      acknowledge(
        this.group,
        'Annotation::@aws-cdk/aws-autoscaling:signalsNotUsedByInstanceRefresh',
        'The signals are for the making of the group; a refresh waits for the launch hook, which a node completes itself.',
      );
    }
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });

    if (props.drainSeconds > 0 || warmPool) letFinishHooks(this.role, this.group);
    // A node that boots asks at once for what it may read, and connects.
    this.group.node.addDependency(this.role, securityGroup);
    allow(this.role, {
      actions: ['ec2:DescribeInstances'],
      resources: ['*'],
      wildcardsBecause: 'Nodes find their peers by tag; describing knows no resource-level permissions.',
    });
    this.holdBack(warmPool, props.drainSeconds);
    for (const part of [this, launchTemplate]) Tags.of(part).add('Name', name);
    // Nodes find each other by this tag (EC2 tags through the instance's own role).
    Tags.of(this).add('beamstalk:fleet', name);
  }

  /** Makes what nodes read when they boot before the first of them does. */
  startAfter(...published: readonly PublishedParameters[]): void {
    this.group.node.addDependency(...published);
  }

  /** For a group without nodes: CloudFormation waits for as many signals as there are nodes at least, and takes none for a number. */
  waitForNobody(): void {
    (this.group.node.defaultChild as autoscaling.CfnAutoScalingGroup).cfnOptions.creationPolicy = undefined;
  }

  /** Hooks of the group itself: there before its first node, and until its last has left. */
  private holdBack(warmPool: boolean, drainSeconds: number): void {
    const hooks: autoscaling.CfnAutoScalingGroup.LifecycleHookSpecificationProperty[] = [];
    if (warmPool) {
      hooks.push({
        lifecycleHookName: LIFECYCLE_HOOKS.launch,
        lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_LAUNCHING,
        defaultResult: autoscaling.DefaultResult.ABANDON,
        heartbeatTimeout: BOOT_TIMEOUT.toSeconds(),
      });
    }
    if (drainSeconds > 0) {
      hooks.push({
        lifecycleHookName: LIFECYCLE_HOOKS.terminate,
        lifecycleTransition: autoscaling.LifecycleTransition.INSTANCE_TERMINATING,
        defaultResult: autoscaling.DefaultResult.CONTINUE,
        heartbeatTimeout: heartbeatSeconds(drainSeconds),
      });
    }
    const group = this.group.node.defaultChild as autoscaling.CfnAutoScalingGroup;
    if (hooks.length > 0) group.lifecycleHookSpecificationList = hooks;
  }
}

/** The first of the subnets: a cluster placement group is within one zone, and a group of several would launch into the others. */
function inOneZone(vpc: ec2.IVpc, subnets: ec2.SubnetSelection): ec2.SubnetSelection {
  return { subnets: vpc.selectSubnets(subnets).subnets.slice(0, 1) };
}

function rollOneByOne(minNodes: number, maxNodes: number): autoscaling.UpdatePolicy {
  return autoscaling.UpdatePolicy.rollingUpdate({
    maxBatchSize: 1,
    // A full fleet while there is room for one more, otherwise one node less; the box goes and comes back.
    minInstancesInService: maxNodes > minNodes ? minNodes : minNodes - 1,
    suspendProcesses: [
      autoscaling.ScalingProcess.AZ_REBALANCE,
      autoscaling.ScalingProcess.ALARM_NOTIFICATION,
      autoscaling.ScalingProcess.SCHEDULED_ACTIONS,
    ],
  });
}

/**
 * A rolling update would leave the nodes of a warm pool as they are, and later put them in service with the template of
 * before; an instance refresh replaces them too. New nodes come before old ones go.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-warmpool.html
 * (2026-11-21)
 */
function refreshWithPool(): autoscaling.UpdatePolicy {
  return autoscaling.UpdatePolicy.instanceRefresh({
    strategy: autoscaling.InstanceRefreshStrategy.ROLLING,
    minHealthyPercentage: 100,
    maxHealthyPercentage: 110,
  });
}
