import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { readDeployed } from '../../lib/commands/diff/deployed';

/** What the account holds: region -> stacks, each with its tag and its template. */
const ACCOUNT: Readonly<
  Record<string, readonly { name: string; environment?: string; status?: string; body: string }[]>
> = {
  'eu-west-1': [
    { name: 'prod-data', environment: 'prod', body: '{"Resources":{"B":{"Type":"AWS::S3::Bucket"}}}' },
    { name: 'prod-review', environment: 'prod', status: 'REVIEW_IN_PROGRESS', body: '' },
    { name: 'staging-data', environment: 'staging', body: '{"Resources":{}}' },
    {
      name: 'prod-operations',
      environment: 'prod',
      body: '{"Resources":{"P":{"Type":"AWS::Backup::BackupPlan","Properties":{"To":{"Fn::GetStackOutput":{"StackName":"prod-backup-copy","OutputName":"o","Region":"eu-central-1"}}}}}}',
    },
    { name: 'prod-of-others', body: 'AWSTemplateFormatVersion: not ours' },
  ],
  'eu-central-1': [{ name: 'prod-backup-copy', environment: 'prod', body: '{"Resources":{}}' }],
  'us-east-1': [
    {
      name: 'prod-gate',
      environment: 'prod',
      body: '{"Resources":{"G":{"Type":"Custom::PhaseGate","Properties":{"Phase":"1"}}}}',
    },
  ],
};

let server: Server;

/** Answers the two calls of CloudFormation's query protocol, by the region that the request is signed for. */
beforeEach(async () => {
  server = createServer((request, response) => {
    let form = '';
    request.on('data', (chunk) => {
      form += String(chunk);
    });
    request.on('end', () => {
      const region = /\/(\w+-\w+-\d)\/cloudformation/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      const fields = new URLSearchParams(form);
      const action = fields.get('Action') ?? '';
      const stacks = ACCOUNT[region] ?? [];
      const result =
        action === 'DescribeStacks'
          ? `<Stacks>${stacks.map(member).join('')}</Stacks>`
          : `<TemplateBody>${stacks.find(({ name }) => name === fields.get('StackName'))?.body}</TemplateBody>`;
      response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  vi.stubEnv('AWS_ENDPOINT_URL', `http://localhost:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test');
});

afterEach(() => {
  vi.unstubAllEnvs();
  server.closeAllConnections();
  server.close();
});

function member({
  name,
  environment,
  status = 'UPDATE_COMPLETE',
}: {
  name: string;
  environment?: string;
  status?: string;
}) {
  const tag = environment && `<member><Key>beamstalk:environment</Key><Value>${environment}</Value></member>`;
  return `<member><StackName>${name}</StackName><StackStatus>${status}</StackStatus><Tags>${tag ?? ''}</Tags></member>`;
}

test('reads the stacks of the environment in its regions and in the one of the CDN, and no others', async () => {
  const { title, templates, state } = await readDeployed('prod', 'eu-west-1');
  expect(title).toBe('deployed');
  expect(Object.keys(templates).sort()).toEqual(['prod-backup-copy', 'prod-data', 'prod-gate', 'prod-operations']);
  expect(templates['prod-data']).toEqual({ Resources: { B: { Type: 'AWS::S3::Bucket' } } });
  expect(state).toEqual({ phase: 1 });
});

test('an environment that is not deployed is empty', async () => {
  expect(await readDeployed('dev', 'eu-west-1')).toEqual({
    title: 'nothing deployed',
    templates: {},
    environment: 'dev',
  });
});
