import { actionsLike } from './authorization';
import type { Role } from './grants';
import { namePattern, overlap } from './patterns';

/** Services whose instances and builds run what they fetch. */
const RUNNERS = /^(ec2|codebuild)\.amazonaws\.com$/;

/** Buckets whose objects are data to everybody who reads them: no script runs, unpacks as root or sources one. */
const DATA = /-Buckets(Assets|Uploads|Backups)Bucket/;

const OBJECT_WRITERS = ['s3:PutObject', 's3:DeleteObject', 's3:RestoreObject'];

/** What makes something run, or decides what it runs, whoever does it. */
const CONTROL =
  /^(codebuild:(StartBuild|RetryBuild|UpdateProject)|codedeploy:(CreateDeployment|RegisterApplicationRevision|UpdateDeploymentGroup)|codepipeline:(StartPipelineExecution|UpdatePipeline|PutJobSuccessResult)|lambda:(UpdateFunction\w+|AddPermission|InvokeFunction|CreateEventSourceMapping|PublishLayerVersion)|ssm:(SendCommand|StartSession|StartAutomationExecution|CreateAssociation|UpdateAssociation|CreateDocument|UpdateDocument\w*)|ec2:(RunInstances|CreateLaunchTemplate\w*|ModifyLaunchTemplate|ModifyInstanceAttribute|StartInstances)|autoscaling:(StartInstanceRefresh|UpdateAutoScalingGroup|CreateAutoScalingGroup|CreateLaunchConfiguration)|imagebuilder:(Create|Update|Start|Import)\w*|cloudformation:(Create|Update|Execute|Delete|Set)\w*|events:Put\w*|scheduler:(Create|Update)\w*|iam:(?!Get|List|Simulate)\w+|sts:AssumeRole|s3:Put(BucketPolicy|Lifecycle\w*|BucketNotification)|kms:(PutKeyPolicy|CreateGrant))$/;

/**
 * Who can write what another runs: `<writer> writes <what> that <runner> runs`, and `<who> may <control> <target>`. A role
 * that runs what it wrote itself is nobody else's.
 */
export async function executionEdges(roles: readonly Role[]): Promise<string[]> {
  const granted = await Promise.all(roles.map(async (role) => ({ role, grants: await flat(role) })));
  const edges: string[] = [];
  for (const { role, grants } of granted) {
    for (const { action, resource } of grants) {
      if (CONTROL.test(action)) edges.push(`${nameOf(role)} may ${action} on ${resource}`);
      const fetched = readersOf(action);
      if (fetched === undefined || DATA.test(resource)) continue;
      for (const runner of granted) {
        if (runner.role === role || !runner.role.trusted.some((service) => RUNNERS.test(service))) continue;
        // Who fetches asks for names as they are written: <pipeline>/<artifact>/<id>.
        const runs = runner.grants.some(
          (other) => fetched.includes(other.action) && overlap(namePattern(other.resource), namePattern(resource)),
        );
        if (runs) edges.push(`${nameOf(role)} writes ${resource} that ${nameOf(runner.role)} runs`);
      }
    }
  }
  return [...new Set(edges)];
}

/** Actions by which others fetch what an action writes. */
function readersOf(action: string): readonly string[] | undefined {
  if (OBJECT_WRITERS.includes(action)) return ['s3:GetObject', 's3:GetObjectVersion'];
  return action === 'ssm:PutParameter'
    ? ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath']
    : undefined;
}

async function flat(role: Role): Promise<{ action: string; resource: string }[]> {
  const grants = await Promise.all(
    role.grants
      .filter(({ effect }) => effect === 'Allow')
      .map(async ({ actions, resources }) => {
        const named = (await Promise.all(actions.map(actionsLike))).flat();
        return named.flatMap(({ name }) => resources.map((resource) => ({ action: name, resource })));
      }),
  );
  return grants.flat();
}

/** `<stack>/<logical id>`, without what the constructs library adds to ids. */
export function nameOf({ stack, id }: Role): string {
  return `${stack}/${id.replace(/[0-9A-F]{8}$/, '')}`;
}
