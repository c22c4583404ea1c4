import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { BundledFunction } from './bundled-function';
import { MASTER, type PostgresPeer, startPostgresPeer } from './postgres';
import { type SecretsManager, startSecretsManager } from './secrets-manager';

// What the tests of the function share: it runs as bundled, against a PostgreSQL that wants TLS and passwords. The order of the steps is
// that of Secrets Manager: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html

export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const ROLES = ['app', 'app_clone', 'app_owner'];

export let postgres: PostgresPeer;
export let secrets: SecretsManager;
export let function_: BundledFunction;
export let answers: {
  server: Server;
  url: string;
  last: () => { Status: string; Reason: string; PhysicalResourceId: string };
};

/** Starts the peers for the tests of a file, and leaves each test a database as it was. */
export function useCredentials(): void {
  beforeAll(async () => {
    [postgres, secrets, answers] = await Promise.all([startPostgresPeer(), startSecretsManager(), answerBox()]);
    function_ = newFunction();
  });

  afterAll(async () => {
    await function_.end();
    postgres.stop();
    await secrets.stop();
    answers.server.close();
  });

  beforeEach(() => {
    const { host, port } = postgres;
    secrets.put('master', JSON.stringify({ engine: 'postgres', host, port, ...MASTER }));
    secrets.put(
      'application',
      JSON.stringify({ username: 'app', password: 'made-by-CloudFormation-0', masterarn: 'master' }),
    );
  });

  afterEach(async () => {
    secrets.fail('', 0);
    await postgres.sql(`drop schema if exists other cascade; drop schema if exists public cascade; create schema public;
      alter schema public owner to pg_database_owner; grant usage on schema public to public;
      select lo_unlink(oid) from pg_largeobject_metadata`);
    for (const role of [...ROLES, 'beamstalk_prod', 'beamstalk_prod_owner']) {
      const [there] = await postgres.sql(`select from pg_roles where rolname = '${role}'`);
      if (there) await postgres.sql(`drop owned by ${role}; drop role ${role}`);
    }
  });
}

/** What a role owns in the database, but for the database itself and extensions with their parts. */
export async function ownersOf(role: string): Promise<Record<string, unknown>[]> {
  return postgres.sql(`select pg_describe_object(classid, objid, objsubid) as what from pg_shdepend
    where deptype = 'o' and refobjid = '${role}'::regrole and dbid = (select oid from pg_database where datname = 'app')
      -- The multirange goes with its range.
      and not (classid = 'pg_type'::regclass and exists (select from pg_type t where t.oid = objid and typtype = 'm'))
      and classid not in ('pg_extension'::regclass, 'pg_default_acl'::regclass)
      and (classid, objid) not in (select classid, objid from pg_depend where deptype = 'e')`);
}

interface FunctionChanges {
  readonly milliseconds?: number;
  readonly settledSeconds?: number;
  readonly authority?: string | undefined;
}

export function newFunction(changes: FunctionChanges = {}): BundledFunction {
  const { milliseconds = 20_000, settledSeconds = 0 } = changes;
  const authority = 'authority' in changes ? changes.authority : postgres.authority;
  return new BundledFunction('database-credentials', {
    services: { SECRETS_MANAGER: secrets },
    milliseconds,
    environment: {
      WATCH_SECONDS: '0.5',
      SETTLED_SECONDS: String(settledSeconds),
      AWS_MAX_ATTEMPTS: '1',
      ...(authority !== undefined && { NODE_EXTRA_CA_CERTS: authority }),
    },
  });
}

export function request(RequestType: string, properties: unknown = { Secret: 'application' }): unknown {
  return {
    RequestType,
    ResponseURL: answers.url,
    StackId: 'stack',
    RequestId: randomUUID(),
    LogicalResourceId: 'Roles',
    ...(RequestType !== 'Create' && { PhysicalResourceId: 'roles' }),
    ResourceProperties: properties,
  };
}

export async function prepare(type = 'Create'): Promise<void> {
  await function_.invoke(request(type));
  expect(answers.last()).toMatchObject({ Status: 'SUCCESS' });
}

export function rotation(Step: string, ClientRequestToken: string): unknown {
  return { Step, SecretId: 'application', ClientRequestToken, RotationToken: 'token' };
}

export async function rotate(): Promise<void> {
  const version = secrets.beginRotation('application');
  for (const step of STEPS) await function_.invoke(rotation(step, version));
}

interface Value {
  readonly username: string;
  readonly password: string;
}

export function valueAt(stage = 'AWSCURRENT'): Value {
  return JSON.parse(secrets.value('application', stage)) as Value;
}

export async function withPending(changes: Partial<Value>): Promise<string> {
  const version = secrets.beginRotation('application');
  await put(version, { ...valueAt(), password: 'new', ...changes });
  return version;
}

/** Puts a value under a version as somebody else than the function would. */
export async function put(ClientRequestToken: string, value: Value): Promise<void> {
  const answer = await fetch(secrets.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'secretsmanager.PutSecretValue' },
    body: JSON.stringify({
      SecretId: 'application',
      ClientRequestToken,
      SecretString: JSON.stringify(value),
      VersionStages: ['AWSPENDING'],
    }),
  });
  expect(answer.status).toBe(200);
}

export function loginAs(user: string, password: string): object {
  const { host, port, authority } = postgres;
  return { host, port, database: MASTER.dbname, user, password, ssl: { ca: readFileSync(authority) } };
}

export async function asApplication<T>(work: (client: Client) => Promise<T>, who: Value = valueAt()): Promise<T> {
  return asUser(who.username, who.password, work);
}

export async function asAdministrator<T>(work: (client: Client) => Promise<T>): Promise<T> {
  return asUser(MASTER.username, MASTER.password, work);
}

async function asUser<T>(user: string, password: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client(loginAs(user, password));
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export async function rowsOf(client: Client, statement: string): Promise<Record<string, unknown>[]> {
  return (await client.query<Record<string, unknown>>(statement)).rows;
}

async function answerBox(): Promise<typeof answers> {
  let last = { Status: 'none', Reason: '', PhysicalResourceId: '' };
  const server = createServer(async (incoming, outgoing) => {
    let text = '';
    for await (const part of incoming) text += String(part);
    last = JSON.parse(text) as typeof last;
    outgoing.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, last: () => last };
}
