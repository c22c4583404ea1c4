import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Peer } from './peer';

interface Version {
  stages: string[];
  text?: string;
}

/** What the engines that others wrote lack: a version on its way that has no value yet, as a rotation finds it. */
export interface SecretsManager extends Peer {
  readonly put: (name: string, text: string) => void;
  /** The value of a stage. */
  readonly value: (name: string, stage?: string) => string;
  readonly versions: (name: string) => Readonly<Record<string, readonly string[]>>;
  /** Begins a rotation as RotateSecret does, or goes on with the one that has not ended; id of the version. */
  readonly beginRotation: (name: string) => string;
  /** From now on the next `times` requests for the operation are answered with an error of the service. */
  readonly fail: (operation: string, times: number) => void;
}

type Body = Readonly<Record<string, string>> & { readonly VersionStages?: readonly string[] };

/**
 * Stands for Secrets Manager on the loopback interface, with the four operations that a rotation function needs.
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/ (PutSecretValue, UpdateSecretVersionStage,
 * GetSecretValue, DescribeSecret, RotateSecret; 2026-11-29)
 */
export async function startSecretsManager(): Promise<SecretsManager> {
  const secrets = new Map<string, Map<string, Version>>();
  let fault = { operation: '', times: 0 };
  const versionsOf = (name: string): Map<string, Version> => {
    const versions = secrets.get(name);
    if (versions === undefined) throw new Refusal('ResourceNotFoundException', `no secret ${name}`);
    return versions;
  };
  const bearer = (versions: Map<string, Version>, stage: string): [string, Version] | undefined =>
    [...versions].find(([, { stages }]) => stages.includes(stage));
  const move = (versions: Map<string, Version>, stage: string, to: string): void => {
    const from = bearer(versions, stage);
    const target = versions.get(to);
    if (target === undefined) throw new Refusal('ResourceNotFoundException', `no version ${to}`);
    if (from?.[0] === to) return;
    if (from) from[1].stages = from[1].stages.filter((label) => label !== stage);
    target.stages.push(stage);
    // The one before becomes the previous one by itself.
    if (stage === 'AWSCURRENT' && from) move(versions, 'AWSPREVIOUS', from[0]);
  };

  const operations: Readonly<Record<string, (body: Body) => unknown>> = {
    DescribeSecret: ({ SecretId = '' }) => ({
      ARN: SecretId,
      VersionIdsToStages: Object.fromEntries([...versionsOf(SecretId)].map(([id, { stages }]) => [id, stages])),
    }),
    GetSecretValue: ({ SecretId = '', VersionId, VersionStage }) => {
      const versions = versionsOf(SecretId);
      const stage = VersionStage ?? (VersionId === undefined ? 'AWSCURRENT' : undefined);
      const [id, version] = [...versions].find(
        ([key, { stages }]) =>
          (VersionId === undefined || key === VersionId) && (stage === undefined || stages.includes(stage)),
      ) ?? ['', undefined];
      if (version?.text === undefined) throw new Refusal('ResourceNotFoundException', 'no such version');
      return { ARN: SecretId, VersionId: id, VersionStages: version.stages, SecretString: version.text };
    },
    PutSecretValue: ({
      SecretId = '',
      ClientRequestToken = randomUUID(),
      SecretString,
      VersionStages = ['AWSCURRENT'],
    }) => {
      const versions = versionsOf(SecretId);
      const there = versions.get(ClientRequestToken);
      if (there?.text !== undefined && there.text !== SecretString) {
        throw new Refusal('ResourceExistsException', 'that version has another value');
      }
      if (SecretString === undefined) throw new Refusal('InvalidParameterException', 'no value');
      versions.set(ClientRequestToken, { stages: there?.stages ?? [], text: SecretString });
      for (const stage of VersionStages) move(versions, stage, ClientRequestToken);
      return { ARN: SecretId, VersionId: ClientRequestToken };
    },
    UpdateSecretVersionStage: ({ SecretId = '', VersionStage = '', MoveToVersionId = '', RemoveFromVersionId }) => {
      const versions = versionsOf(SecretId);
      const from = bearer(versions, VersionStage)?.[0];
      if (from !== undefined && from !== MoveToVersionId && from !== RemoveFromVersionId) {
        throw new Refusal('InvalidParameterException', `the stage is on ${from}`);
      }
      move(versions, VersionStage, MoveToVersionId);
      return { ARN: SecretId };
    },
  };

  const server = createServer(async (request, response) => {
    const target = String(request.headers['x-amz-target']);
    const name = target.slice(target.indexOf('.') + 1);
    const reply = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
    };
    try {
      const body = JSON.parse(await textOf(request)) as Body;
      if (name === fault.operation && fault.times > 0) {
        fault.times -= 1;
        throw new Refusal('InvalidRequestException', 'injected');
      }
      reply(200, operations[name]?.(body));
    } catch (error) {
      const type = error instanceof Refusal ? error.type : 'InternalServiceError';
      reply(400, { __type: type, message: String(error) });
    }
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));

  return {
    endpoint: `http://localhost:${(server.address() as AddressInfo).port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    put: (name, text) => secrets.set(name, new Map([[randomUUID(), { stages: ['AWSCURRENT'], text }]])),
    value: (name, stage = 'AWSCURRENT') => bearer(versionsOf(name), stage)?.[1].text ?? '',
    versions: (name) => Object.fromEntries([...versionsOf(name)].map(([id, { stages }]) => [id, stages])),
    beginRotation: (name) => {
      const versions = versionsOf(name);
      const pending = bearer(versions, 'AWSPENDING');
      if (pending && !pending[1].stages.includes('AWSCURRENT')) return pending[0];
      const id = randomUUID();
      versions.set(id, { stages: [] });
      move(versions, 'AWSPENDING', id);
      return id;
    },
    fail: (operation, times) => {
      fault = { operation, times };
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

class Refusal extends Error {
  constructor(
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
