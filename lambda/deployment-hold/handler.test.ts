import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { projectPath } from '../../lib/facts/project-path';
import { HELD } from './decision';
import type { handler as Handler, HeldFleet } from './handler';

// The handler as it is deployed: bundled, with the SDK beside it, over HTTP to what stands for AWS. It reads this when it
// is loaded.
const level = process.env['POWERTOOLS_LOG_LEVEL'];
process.env['POWERTOOLS_LOG_LEVEL'] = 'SILENT';
const { handler } = createRequire(import.meta.url)(
  projectPath('.build', 'lambda', 'deployment-hold', 'handler.js'),
) as {
  handler: typeof Handler;
};

if (level === undefined) delete process.env['POWERTOOLS_LOG_LEVEL'];
else process.env['POWERTOOLS_LOG_LEVEL'] = level;

const FLEETS: readonly HeldFleet[] = [
  { deploymentGroup: 'app-deployments', autoScalingGroup: 'app', record: '/beamstalk/prod/held/prod-app' },
  { deploymentGroup: 'worker-deployments', autoScalingGroup: 'worker', record: '/beamstalk/prod/held/prod-worker' },
];

/** What AWS knows. */
const aws = {
  /** Deployment groups with a deployment, and its status. */
  deployments: new Map<string, string>(),
  suspended: new Map<string, Set<string>>(),
  parameters: new Map<string, string>(),
  /** Actions that are refused, with the group or parameter that they are refused for. */
  refused: new Set<string>(),
};
let writes: string[] = [];
const environment = { ...process.env };
const VARIABLES = {
  AWS_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  APPLICATION: 'application',
  FLEETS: JSON.stringify(FLEETS),
};

async function text(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += String(chunk);
  return body;
}

interface Answer {
  readonly status?: number;
  readonly body: string;
}
const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) });

function answer(action: string, body: string): Answer {
  const members = (name: string): string[] =>
    [...new URLSearchParams(body)].filter(([key]) => key.startsWith(`${name}.member.`)).map(([, value]) => value);
  const group = new URLSearchParams(body).get('AutoScalingGroupName') ?? members('AutoScalingGroupNames')[0] ?? '';
  const {
    Name = '',
    Value = '',
    deploymentGroupName = '',
    includeOnlyStatuses = [],
  } = body.startsWith('{')
    ? (JSON.parse(body) as {
        Name?: string;
        Value?: string;
        deploymentGroupName?: string;
        includeOnlyStatuses?: string[];
      })
    : {};
  if (aws.refused.has(`${action} ${group}${Name}${deploymentGroupName}`)) {
    if (body.startsWith('{')) return json({ __type: 'AccessDeniedException', message: 'refused by the test' }, 400);
    return { status: 403, body: '<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>' };
  }
  const suspended = aws.suspended.get(group) ?? new Set();
  switch (action) {
    case 'ListDeployments': {
      const status = aws.deployments.get(deploymentGroupName);
      return json({ deployments: status !== undefined && includeOnlyStatuses.includes(status) ? ['d-1'] : [] });
    }
    case 'DescribeAutoScalingGroups': {
      const processes = [...suspended].map((name) => `<member><ProcessName>${name}</ProcessName></member>`).join('');
      return {
        body: `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member><AutoScalingGroupName>${group}</AutoScalingGroupName><SuspendedProcesses>${processes}</SuspendedProcesses></member></AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
      };
    }
    case 'SuspendProcesses':
    case 'ResumeProcesses': {
      const processes = members('ScalingProcesses');
      writes.push(`${action} ${group} ${processes.join(' ')}`);
      for (const process of processes)
        action === 'SuspendProcesses' ? suspended.add(process) : suspended.delete(process);
      aws.suspended.set(group, suspended);
      return { body: `<${action}Response/>` };
    }
    case 'GetParameter': {
      const found = aws.parameters.get(Name);
      return found === undefined
        ? json({ __type: 'ParameterNotFound' }, 400)
        : json({ Parameter: { Name, Value: found } });
    }
    case 'PutParameter':
      writes.push(`PutParameter ${Name}`);
      aws.parameters.set(Name, Value);
      return json({ Version: 1 });
    case 'DeleteParameter':
      writes.push(`DeleteParameter ${Name}`);
      aws.parameters.delete(Name);
      return json({});
    default:
      return json({ __type: 'UnknownOperationException' }, 400);
  }
}

let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const target = String(request.headers['x-amz-target'] ?? new URLSearchParams(body).get('Action'));
      const { status = 200, body: answered } = answer(target.replace(/^.*\./, ''), body);
      response.writeHead(status, {
        'content-type': answered.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.1',
      });
      response.end(answered);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, { ...VARIABLES, AWS_ENDPOINT_URL: `http://localhost:${port}` });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
  for (const name of [...Object.keys(VARIABLES), 'AWS_ENDPOINT_URL']) {
    const before = environment[name];
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
});

beforeEach(() => {
  aws.deployments.clear();
  aws.suspended.clear();
  aws.parameters.clear();
  aws.refused.clear();
  writes = [];
});

const of = (group: string): string[] => [...(aws.suspended.get(group) ?? [])].sort();
const all = [...HELD].sort();

describe('a deployment', () => {
  test.each(['Created', 'Queued', 'InProgress', 'Baking', 'Ready'])(
    'that is %s holds its fleet, and no other',
    async (status) => {
      aws.deployments.set('app-deployments', status);
      await handler();
      expect([of('app'), of('worker')]).toEqual([all, []]);
      expect(writes[0]).toBe('PutParameter /beamstalk/prod/held/prod-app');
      await handler();
      expect(writes).toHaveLength(2);
    },
  );

  test.each(['Succeeded', 'Failed', 'Stopped'])('that has %s lets it go, whoever looks', async (status) => {
    aws.deployments.set('app-deployments', 'InProgress');
    await handler();
    aws.deployments.set('app-deployments', status);
    await handler();
    expect([of('app'), aws.parameters.size]).toEqual([[], 0]);
  });

  test('leaves suspended what people had suspended', async () => {
    aws.suspended.set('app', new Set(['AZRebalance']));
    aws.deployments.set('app-deployments', 'InProgress');
    await handler();
    expect(of('app')).toEqual(all);
    aws.deployments.clear();
    await handler();
    expect(of('app')).toEqual(['AZRebalance']);
  });
});

describe('a fleet that cannot be put right', () => {
  test.each([
    'ListDeployments app-deployments',
    'DescribeAutoScalingGroups app',
    'GetParameter /beamstalk/prod/held/prod-app',
    'PutParameter /beamstalk/prod/held/prod-app',
    'SuspendProcesses app',
  ])('(%s is refused) is an error, and keeps no other from it; later it is put right', async (refused) => {
    for (const group of ['app-deployments', 'worker-deployments']) aws.deployments.set(group, 'InProgress');
    aws.refused.add(refused);
    await expect(handler()).rejects.toThrow('1 of 2 fleets could not be put right');
    expect([of('app'), of('worker')]).toEqual([[], all]);
    aws.refused.clear();
    aws.deployments.clear();
    await handler();
    expect([of('app'), of('worker'), aws.parameters.size]).toEqual([[], [], 0]);
  });

  test('at the resuming is tried again, as long as it takes', async () => {
    aws.deployments.set('app-deployments', 'InProgress');
    await handler();
    aws.deployments.clear();
    aws.refused.add('ResumeProcesses app');
    await expect(handler()).rejects.toThrow('1 of 2');
    // Not forgotten.
    expect([of('app'), aws.parameters.size]).toEqual([all, 1]);
    aws.refused.clear();
    await handler();
    expect([of('app'), aws.parameters.size]).toEqual([[], 0]);
  });
});
