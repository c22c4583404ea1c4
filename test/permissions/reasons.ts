import type { Exception } from './exceptions';

/** What reaches beyond its environment because AWS knows nothing narrower. */
export const BEYOND_FOR_A_REASON: readonly Exception[] = [
  {
    finding: /may (ssmmessages:(Create|Open)(Control|Data)Channel|ec2messages:\w+) on \*$/,
    because:
      'Channels and messages of the Systems Manager agent: the service tells instances apart by their credentials.',
  },
  {
    finding: /may ssm:PutInventory on \*$/,
    because: 'What is installed on an instance: no resource-level permissions, and no data.',
  },
  {
    finding:
      /may ssm:(DescribeAssociation|ListInstanceAssociations|PutComplianceItems|UpdateAssociationStatus|UpdateInstanceAssociationStatus|UpdateInstanceInformation) on \S+:instance\/\*$/,
    because: 'What an instance says of itself to Systems Manager: these actions know no tag of an instance.',
  },
  {
    finding: /BoxFleetRole may ec2:AssociateAddress on \S+:network-interface\/\*$/,
    because: 'The interface is made with the instance. Without the address, which is named, nothing can be done to it.',
  },
  {
    finding: /CredentialsRole may ec2:(Create|Delete)NetworkInterface on \*$/,
    because:
      'Lambda makes the interfaces of the function in the name of its role, and refuses one that may not on all. The function itself is denied it.',
  },
  {
    finding: /CredentialsRole may ec2:(Una|A)ssignPrivateIpAddresses on \*$/,
    because: 'It is for Lambda as the interfaces are, and denied to the function itself.',
  },
  {
    finding: /(TiersApp|WorkersNodes)Role may ec2:CreateTags on \S+:instance\/\*$/,
    because:
      'A node tags itself: the condition compares the instance that asks with the one that is tagged, and lets one tag through.',
  },
  {
    finding: /may cloudwatch:DescribeAlarms on (\S+:alarm:)?\*$/,
    because: 'It asks for a list, which the service checks against all alarms. They tell states, and no data.',
  },
  {
    finding: /WarehouseFeedsTableFeedsRole may redshift:(Modify|Delete|Describe)Integrations? on /,
    because:
      'Redshift makes up the id of an integration, and requests name nothing else. Making one is bound to own tables and the own warehouse; without one no data is lost.',
  },
  {
    finding: /WarehouseLimitRole may redshift-serverless:(Create|Update|Delete)UsageLimit on \*$/,
    because: 'Usage limits know no resource-level permissions, and requests carry no key that names the warehouse.',
  },
];

/** Who can write what another runs, and who makes something run: all of it. */
export const RUNS_FOR_A_REASON: readonly Exception[] = [
  {
    finding: /PipelineEventRole may codepipeline:StartPipelineExecution on \S+ENV-delivery-Pipeline$/,
    because: 'A new source starts the pipeline of its environment.',
  },
  {
    finding: /PipelineRole may (codebuild:StartBuild|codedeploy:\w+) on \S+ENV-delivery-\S+$/,
    because: 'The pipeline is what leads a source to the nodes; it hands on and runs nothing itself.',
  },
  {
    finding: /PromotionEventRole may codebuild:StartBuild on \S+ENV-delivery-PromotionPromoteProject$/,
    because: 'A deployment that succeeded starts the promotion.',
  },
  {
    finding:
      /PipelineRole writes \S+\/ENV-delivery-\*\/Source\/\* that ENV-delivery\/Release(Build|Toolchain)Role runs$/,
    because: 'The source is what the build is asked to run, in a project that cannot publish.',
  },
  {
    finding: /ReleaseToolchainRole writes \S+\/toolchains\/\* that ENV-delivery\/ReleaseBuildRole runs$/,
    because: 'Compilers are built from checksummed sources where no source of the application runs.',
  },
  {
    finding: /ReleaseBuildRole writes \S+\/ENV-delivery-\*\/Built\/\* that ENV-delivery\/ReleasePublishRole runs$/,
    because: 'What was built is checked and copied by the project that publishes, which runs none of it.',
  },
  {
    finding:
      /ReleasePublishRole writes \S+\/(releases\/\*|ENV-delivery-\*\/Bundle\/\*) that (ENV-app\/TiersAppRole|ENV-workers\/WorkersNodesRole|ENV-delivery\/\w+Role) runs$/,
    because:
      'Releases and bundles have this one writer, which runs nothing of what was built. The bucket takes no name of a release twice; a bundle bears a name that CodePipeline makes up, and CodeBuild writes it without asking whether it is there.',
  },
  {
    finding:
      /(PromotionPromoteRole|ReplacementReplaceRole) writes \S+\/release\/current that ENV-(app|workers)\/\w+ runs$/,
    because:
      'Which release nodes boot is what a deployment decides; nodes check its form, and may read releases alone.',
  },
  {
    finding: /MoverNodesRole writes \S+\/database\/(\w+\/)?source that ENV-(app|workers)\/\w+ runs$/,
    because:
      'Where data are, one of two words that nodes compare with these and use as nothing else; while a climb expands, and by name.',
  },
  {
    finding: /ReplacementReplaceRole may autoscaling:StartInstanceRefresh on \S+ENV-(app|workers)-\w+$/,
    because: 'Blue-green replaces nodes of the fleets that take releases.',
  },
  {
    finding: /PressureRole writes \S+\/pressure\/shed that ENV-(app|workers)\/\w+ runs$/,
    because: 'A word, on or off, that nodes compare with these two and use as nothing else.',
  },
  {
    finding: /ENV-(app\/TiersAppRole|workers\/WorkersNodesRole) may lambda:InvokeFunction on \S+ClusterHandler$/,
    because: 'Nodes ask for their certificates; the function believes nothing of what they say but what AWS confirms.',
  },
  {
    finding: /WarehouseFeedsTableFeedsRole may lambda:InvokeFunction on \S+WarehouseFeedsTableFeedsHandler$/,
    because: 'The function hands on to itself when a feed takes longer than one invocation.',
  },
  {
    finding: /NetworkVpcNatRole may ec2:ModifyInstanceAttribute on \S+:instance\/\*$/,
    because: 'The check of source and destination, on instances that bear the tag of NAT of the own environment.',
  },
];

/** Readers of parameters of the environment beside its nodes, whose steps say what they need. */
export const READS_FOR_A_REASON: readonly Exception[] = [
  {
    finding: /^ENV-gate\/GateRole reads climb\/(state by ssm:GetParameter|verified(\/\*)? by ssm:GetParametersByPath)$/,
    because: 'How far the environment is, and what was verified of it, is what the gate decides by.',
  },
  {
    finding: /^ENV-gate\/GateRole reads database\/(\*\/)?(endpoint|source) by ssm:GetParameters$/,
    because: 'A record counts for the database that nodes go to, as it is now.',
  },
  {
    finding: /^ENV-gate\/GateRole reads (climb\/verified\/\*|database\/(\*\/)?source) by ssm:GetParameterHistory$/,
    because: 'A record counts when whoever tells the nodes where to go has written it, which the history says.',
  },
  {
    finding: /^ENV-delivery\/(PromotionPromoteRole|ReplacementReplaceRole) reads release\/uri by ssm:GetParameter$/,
    because:
      'It is written beside the release that was deployed: once the configuration names another, that one counts.',
  },
  {
    finding: /^ENV-delivery\/ReplacementReplaceRole reads release\/current by ssm:GetParameters$/,
    because: 'What was deployed before is put back when the new nodes do not come up.',
  },
  {
    finding: /^ENV-delivery\/HoldRole reads held\/ENV-(app|worker) by ssm:GetParameter$/,
    because: 'What was suspended when a deployment began is what is resumed when it ends.',
  },
  {
    finding: /^ENV-async\/PressureRole reads pressure\/shed by ssm:GetParameter$/,
    because: 'The word is written when it changes, and between the two marks it stays.',
  },
];

/** Policies of AWS that roles hold. */
export const MANAGED_FOR_A_REASON: readonly Exception[] = [
  {
    finding: /service-role\/AmazonRDSEnhancedMonitoringRole$/,
    because: 'RDS takes the role, and writes the metrics of machines to one log of the account, RDSOSMetrics.',
  },
  {
    finding: /BoxDataSnapshotRole holds \S+service-role\/AWSDataLifecycleManagerServiceRole$/,
    because: 'Data Lifecycle Manager takes the role, for policies of this account, and does what the one policy says.',
  },
  {
    finding:
      /(BackupsRole|RestoreTestRole) holds \S+AWSBackupServiceRolePolicyFor(Backup|Restores|S3Backup|S3Restore)$/,
    because:
      "AWS Backup takes the role, and does what the one plan says to what bears the tag of the environment. What it needs is AWS's, and grows with each kind of resource.",
  },
];

/** Endpoints of a network that let everybody in it do what their roles allow. */
export const OPEN_FOR_A_REASON: readonly Exception[] = [
  {
    finding: /endpoint of \S*(ssmmessages|ec2messages|codedeploy)/,
    because: 'Nothing read says that these services take a policy, see lib/constructs/network/endpoint-policies.ts.',
  },
  {
    finding: /endpoint of \S*DsqlCluster\S*VpcEndpointServiceName/,
    because:
      'The way to one cluster, whose service bears no name. The page of DSQL about PrivateLink says nothing of a policy of it; each connection needs a token of a role that may connect.',
  },
];
