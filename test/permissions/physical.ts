import type { Template, TemplateResource, Templates } from '../../lib/template/template';
import { isTree, type Tree } from '../../lib/template/values';

/** The account that all of an environment is in, wherever a template leaves it to CloudFormation. */
export const ACCOUNT = '111122223333';

/** What a resource is called in the account, as far as policies name it: its name, its ARN, and what else they ask for. */
interface Physical {
  readonly ref: string;
  readonly attributes: Readonly<Record<string, string>>;
}

type Make = (name: string, resource: TemplateResource, region: string) => Physical;

const regional =
  (service: string, form: (name: string) => string, ref: 'name' | 'arn' = 'name'): Make =>
  (name, _, region) => {
    const arn = `arn:aws:${service}:${region}:${ACCOUNT}:${form(name)}`;
    return { ref: ref === 'arn' ? arn : name, attributes: { Arn: arn, Name: name } };
  };

const secret = regional('secretsmanager', (name) => `secret:${name}-AbCdEf`, 'arn');

const table: Make = (name, _, region) => {
  const arn = `arn:aws:dynamodb:${region}:${ACCOUNT}:table/${name}`;
  return { ref: name, attributes: { Arn: arn, StreamArn: `${arn}/stream/2026-01-01T00:00:00.000` } };
};

const database = (kind: string): Make => {
  const make = regional('rds', (name) => `${kind}:${name}`);
  return (name, resource, region) => {
    const { ref, attributes } = make(name, resource, region);
    const arn = attributes['Arn'] ?? '';
    const id = `${kind === 'db' ? 'db' : 'cluster'}-${name}`;
    return {
      ref,
      attributes: {
        ...attributes,
        DBInstanceArn: arn,
        DBClusterArn: arn,
        DbiResourceId: id,
        DBClusterResourceId: id,
        ClusterResourceId: id,
        'MasterUserSecret.SecretArn': `arn:aws:secretsmanager:${region}:${ACCOUNT}:secret:rds!${id}-AbCdEf`,
      },
    };
  };
};

/**
 * How CloudFormation and AWS name what policies speak of, and what one environment must not reach of another. A type that
 * is missing here and is referred to by a policy ends the gate with an error.
 *
 * Source: the return values of each type, https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/, and the
 * resource types of https://docs.aws.amazon.com/service-authorization/latest/reference/ (2026-11-29)
 */
const PHYSICAL: Readonly<Record<string, Make>> = {
  'AWS::AutoScaling::AutoScalingGroup': regional(
    'autoscaling',
    (name) => `autoScalingGroup:0a1b2c3d:autoScalingGroupName/${name}`,
  ),
  'AWS::Backup::BackupVault': (name, _, region) => ({
    ref: name,
    attributes: { BackupVaultName: name, BackupVaultArn: `arn:aws:backup:${region}:${ACCOUNT}:backup-vault:${name}` },
  }),
  'AWS::Cassandra::Keyspace': regional('cassandra', (name) => `/keyspace/${name}/table/any`),
  'AWS::CloudFront::Distribution': (name) => ({
    ref: name,
    attributes: { Id: name, Arn: `arn:aws:cloudfront::${ACCOUNT}:distribution/${name}` },
  }),
  'AWS::CloudTrail::Trail': regional('cloudtrail', (name) => `trail/${name}`),
  'AWS::CloudWatch::Alarm': regional('cloudwatch', (name) => `alarm:${name}`),
  'AWS::CodeBuild::Project': regional('codebuild', (name) => `project/${name}`),
  'AWS::CodeDeploy::Application': regional('codedeploy', (name) => `application:${name}`),
  'AWS::CodeDeploy::DeploymentGroup': regional('codedeploy', (name) => `deploymentgroup:any/${name}`),
  'AWS::CodePipeline::Pipeline': regional('codepipeline', (name) => name),
  'AWS::DLM::LifecyclePolicy': regional('dlm', (name) => `policy/${name}`),
  'AWS::DSQL::Cluster': (name, _, region) => {
    const arn = `arn:aws:dsql:${region}:${ACCOUNT}:cluster/${name}`;
    return { ref: name, attributes: { ResourceArn: arn, Arn: arn, Identifier: name } };
  },
  'AWS::DocDB::DBCluster': database('cluster'),
  'AWS::DynamoDB::GlobalTable': table,
  'AWS::DynamoDB::Table': table,
  'AWS::EC2::EIP': (name, _, region) => ({
    ref: '192.0.2.1',
    attributes: {
      AllocationId: `eipalloc-${name}`,
      Arn: `arn:aws:ec2:${region}:${ACCOUNT}:elastic-ip/eipalloc-${name}`,
    },
  }),
  'AWS::EC2::LaunchTemplate': regional('ec2', (name) => `launch-template/${name}`),
  'AWS::EC2::NetworkInterface': regional('ec2', (name) => `network-interface/${name}`),
  'AWS::EC2::SecurityGroup': (name, _, region) => ({
    ref: `sg-${name}`,
    attributes: { GroupId: `sg-${name}`, Arn: `arn:aws:ec2:${region}:${ACCOUNT}:security-group/sg-${name}` },
  }),
  'AWS::EC2::VPC': (name, _, region) => ({
    ref: `vpc-${name}`,
    attributes: {
      VpcId: `vpc-${name}`,
      DefaultSecurityGroup: `sg-default-${name}`,
      Arn: `arn:aws:ec2:${region}:${ACCOUNT}:vpc/vpc-${name}`,
    },
  }),
  'AWS::EC2::Volume': (name, _, region) => ({
    ref: `vol-${name}`,
    attributes: { Arn: `arn:aws:ec2:${region}:${ACCOUNT}:volume/vol-${name}` },
  }),
  'AWS::ElastiCache::ReplicationGroup': regional('elasticache', (name) => `replicationgroup:${name}`),
  'AWS::ElasticLoadBalancingV2::LoadBalancer': regional(
    'elasticloadbalancing',
    (name) => `loadbalancer/app/${name}/0123456789abcdef`,
    'arn',
  ),
  'AWS::ElasticLoadBalancingV2::TargetGroup': regional(
    'elasticloadbalancing',
    (name) => `targetgroup/${name}/0123456789abcdef`,
    'arn',
  ),
  'AWS::Events::Rule': regional('events', (name) => `rule/${name}`),
  'AWS::IAM::Role': (name) => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
    return { ref: name, attributes: { Arn: arn, RoleId: name } };
  },
  'AWS::ImageBuilder::Component': regional('imagebuilder', (name) => `component/${name}/1.0.0/1`, 'arn'),
  'AWS::ImageBuilder::ImagePipeline': regional('imagebuilder', (name) => `image-pipeline/${name}`, 'arn'),
  'AWS::ImageBuilder::ImageRecipe': regional('imagebuilder', (name) => `image-recipe/${name}/1.0.0`, 'arn'),
  'AWS::KMS::Key': regional('kms', (name) => `key/${name}`),
  'AWS::Lambda::Function': regional('lambda', (name) => `function:${name}`),
  'AWS::Logs::LogGroup': regional('logs', (name) => `log-group:${name}:*`),
  'AWS::Neptune::DBCluster': database('cluster'),
  'AWS::RDS::DBCluster': database('cluster'),
  'AWS::RDS::DBInstance': database('db'),
  'AWS::RedshiftServerless::Namespace': (name, _, region) => {
    const arn = `arn:aws:redshift-serverless:${region}:${ACCOUNT}:namespace/${name}`;
    return { ref: name, attributes: { Arn: arn, 'Namespace.NamespaceArn': arn, 'Namespace.NamespaceId': name } };
  },
  'AWS::RedshiftServerless::Workgroup': (name, _, region) => {
    const arn = `arn:aws:redshift-serverless:${region}:${ACCOUNT}:workgroup/${name}`;
    return { ref: name, attributes: { Arn: arn, 'Workgroup.WorkgroupArn': arn, 'Workgroup.WorkgroupId': name } };
  },
  'AWS::S3::Bucket': (name) => ({ ref: name, attributes: { Arn: `arn:aws:s3:::${name}` } }),
  'AWS::SNS::Topic': regional('sns', (name) => name, 'arn'),
  'AWS::SQS::Queue': (name, _, region) => ({
    ref: `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${name}`,
    attributes: { Arn: `arn:aws:sqs:${region}:${ACCOUNT}:${name}`, QueueName: name },
  }),
  'AWS::SSM::Parameter': regional('ssm', (name) => `parameter${name}`),
  'AWS::Scheduler::ScheduleGroup': regional('scheduler', (name) => `schedule-group/${name}`),
  'AWS::SecretsManager::Secret': secret,
};

/** The properties by which a template names a resource itself, of those above. */
const NAMES = [
  'BucketName',
  'TableName',
  'QueueName',
  'RoleName',
  'Name',
  'NamespaceName',
  'WorkgroupName',
  'KeyspaceName',
  'TrailName',
  'AlarmName',
  'DBInstanceIdentifier',
  'DBClusterIdentifier',
];

/** Resolves what templates leave to CloudFormation, for all stacks of one environment. */
export class Account {
  constructor(
    private readonly templates: Templates,
    /** Stack name -> region. */
    private readonly regions: Readonly<Record<string, string>>,
  ) {}

  regionOf(stack: string): string {
    return this.regions[stack] ?? 'us-east-1';
  }

  /** The ARN under which policies know a resource, when its type is among those that policies name. */
  arnOf(stack: string, id: string): string | undefined {
    const attributes = this.physical(stack, id)?.attributes;
    return attributes?.['Arn'] ?? attributes?.['BackupVaultArn'];
  }

  /** A value of a template as text, all its references resolved. @throws Error when one cannot be. */
  text(stack: string, value: unknown): string {
    if (Array.isArray(value)) return value.map((one) => this.text(stack, one)).join(',');
    if (!isTree(value)) return String(value);
    const [[name, argument] = ['', undefined]] = Object.entries(value);
    switch (name) {
      case 'Ref':
        return this.pseudo(stack, String(argument)) ?? this.named(stack, String(argument)).ref;
      case 'Fn::GetAtt': {
        const [id = '', ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
        return this.attribute(stack, id, attribute.join('.'));
      }
      case 'Fn::Join': {
        const [separator, parts] = argument as [string, unknown[]];
        return parts.map((part) => this.text(stack, part)).join(separator);
      }
      case 'Fn::Sub': {
        const [text, variables] = Array.isArray(argument) ? (argument as [string, Tree]) : [String(argument), {}];
        return text.replace(/\$\{([^!}]+)\}/g, (_, key: string) => this.substituted(stack, key, variables));
      }
      case 'Fn::GetStackOutput': {
        const { StackName, OutputName } = argument as { StackName: string; OutputName: string };
        return this.text(StackName, this.output(StackName, OutputName));
      }
      case 'Fn::ImportValue':
        return this.imported(this.text(stack, argument));
      case 'Fn::Select': {
        const [index, list] = argument as [number | string, unknown];
        return this.text(stack, (Array.isArray(list) ? list : this.list(stack, list))[Number(index)]);
      }
      default:
        throw new Error(`${stack}: cannot tell what ${JSON.stringify(value)} stands for`);
    }
  }

  private list(stack: string, value: unknown): string[] {
    const split = isTree(value) ? value['Fn::Split'] : undefined;
    if (!Array.isArray(split)) throw new Error(`${stack}: no list: ${JSON.stringify(value)}`);
    return this.text(stack, split[1]).split(String(split[0]));
  }

  private substituted(stack: string, key: string, variables: Tree): string {
    if (key in variables) return this.text(stack, variables[key]);
    const [id = '', ...attribute] = key.split('.');
    return attribute.length > 0 ? this.attribute(stack, id, attribute.join('.')) : this.text(stack, { Ref: id });
  }

  private pseudo(stack: string, name: string): string | undefined {
    const known: Readonly<Record<string, string>> = {
      'AWS::Partition': 'aws',
      'AWS::Region': this.regionOf(stack),
      'AWS::AccountId': ACCOUNT,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stack,
      'AWS::StackId': `arn:aws:cloudformation:${this.regionOf(stack)}:${ACCOUNT}:stack/${stack}/01234567-89ab`,
    };
    return known[name];
  }

  private attribute(stack: string, id: string, attribute: string): string {
    const found = this.named(stack, id).attributes[attribute];
    if (found === undefined) throw new Error(`${stack}/${id}: no ARN or name is known for its attribute ${attribute}`);
    return found;
  }

  private named(stack: string, id: string): Physical {
    const found = this.physical(stack, id);
    if (found === undefined) {
      throw new Error(`${stack}/${id}: ${this.templates[stack]?.Resources[id]?.Type} has no entry in physical.ts`);
    }
    return found;
  }

  private physical(stack: string, id: string): Physical | undefined {
    const resource = this.templates[stack]?.Resources[id];
    if (resource === undefined) return undefined;
    const { Type, Properties = {} } = resource;
    // The secret that is attached bears the name of the one that is attached.
    if (Type === 'AWS::SecretsManager::SecretTargetAttachment') {
      const arn = this.text(stack, Properties['SecretId']);
      return { ref: arn, attributes: { Arn: arn } };
    }
    const given = NAMES.map((key) => Properties[key]).find((name) => name !== undefined);
    const name = given === undefined || isLazy(given) ? `${stack}-${id}-1A2B3C4D5E6F` : this.text(stack, given);
    return PHYSICAL[Type]?.(name, resource, this.regionOf(stack));
  }

  private output(stack: string, name: string): unknown {
    const output = outputsOf(this.templates[stack])[name];
    if (output === undefined) throw new Error(`${stack} has no output ${name}`);
    return output.Value;
  }

  private imported(name: string): string {
    for (const [stack, template] of Object.entries(this.templates)) {
      for (const output of Object.values(outputsOf(template))) {
        if (output.Export?.Name === name) return this.text(stack, output.Value);
      }
    }
    throw new Error(`nobody exports ${name}`);
  }
}

interface Output {
  readonly Value: unknown;
  readonly Export?: { readonly Name: unknown };
}

function outputsOf(template: Template | undefined): Readonly<Record<string, Output>> {
  const outputs = template?.['Outputs'];
  return isTree(outputs) ? (outputs as Readonly<Record<string, Output>>) : {};
}

/** A name that is made of the resource itself, which nothing of ours does. */
function isLazy(value: unknown): boolean {
  return isTree(value) && 'Fn::If' in value;
}
