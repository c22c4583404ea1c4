import { answered } from '../environment/answered';

/** Deployments of CodeDeploy that have not ended. */
export async function askDeployments(environment: string, region: string): Promise<string[]> {
  const sdk = await import('@aws-sdk/client-codedeploy');
  const client = new sdk.CodeDeployClient({ region });
  const applications: string[] = [];
  await answered('list the applications of CodeDeploy', async () => {
    for await (const page of sdk.paginateListApplications({ client }, {}))
      applications.push(...(page.applications ?? []));
  });
  const own = applications.filter((name) => name.startsWith(`${environment}-delivery-`));
  const found = await Promise.all(
    own.map(async (applicationName) => {
      const groups = await answered('list the groups of CodeDeploy', () =>
        client.send(new sdk.ListDeploymentGroupsCommand({ applicationName })),
      );
      const lists = (groups?.deploymentGroups ?? []).map((deploymentGroupName) => {
        const includeOnlyStatuses: ('Created' | 'Queued' | 'InProgress' | 'Ready')[] = [
          'Created',
          'Queued',
          'InProgress',
          'Ready',
        ];
        const command = new sdk.ListDeploymentsCommand({ applicationName, deploymentGroupName, includeOnlyStatuses });
        return answered('list the deployments', () => client.send(command));
      });
      return (await Promise.all(lists)).flatMap((one) => one?.deployments ?? []);
    }),
  );
  return found.flat().map((id) => `deployment ${id}`);
}

/** Stages of the pipeline that are at work, or have failed. */
export async function askPipeline(environment: string, region: string): Promise<string[]> {
  const sdk = await import('@aws-sdk/client-codepipeline');
  const client = new sdk.CodePipelineClient({ region });
  const pipelines: string[] = [];
  await answered('list the pipelines', async () => {
    for await (const page of sdk.paginateListPipelines({ client }, {})) {
      pipelines.push(...(page.pipelines ?? []).flatMap(({ name }) => name ?? []));
    }
  });
  const own = pipelines.filter((name) => name.startsWith(`${environment}-delivery-`));
  const states = own.map(async (name) => {
    const state = await answered(`tell the state of ${name}`, () =>
      client.send(new sdk.GetPipelineStateCommand({ name })),
    );
    return (state?.stageStates ?? []).flatMap(({ stageName = '', latestExecution }) =>
      /^(InProgress|Stopping|Failed)$/.test(latestExecution?.status ?? '')
        ? [`stage ${stageName}: ${latestExecution?.status}`]
        : [],
    );
  });
  return (await Promise.all(states)).flat();
}
