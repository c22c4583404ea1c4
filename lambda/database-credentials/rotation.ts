import { randomBytes } from 'node:crypto';
import {
  type ApplicationSecret,
  alternateOf,
  applicationSecret,
  type Login,
  loginOf,
  masterSecret,
  roleNames,
} from './credentials';
import { replicasHaveIt, setPassword, stillUsed, type Watching } from './password';
import { makeRoles, whileAlone } from './roles';
import { VersionedSecret } from './secrets';
import { inSession, letsIn } from './session';

/** Event of Secrets Manager, sent four times for one rotation, and again when a step failed. */
export interface RotationEvent {
  readonly Step: string;
  readonly SecretId: string;
  /** Id of the version that the rotation makes. */
  readonly ClientRequestToken: string;
}

export interface RotationSettings extends Watching {
  readonly deadline: AbortSignal;
}

/**
 * One step of a rotation with alternating users. The user that nodes log in as keeps its password; the other one gets a
 * new one and becomes the one for nodes that boot from now on. So a password lives until the rotation after the next,
 * and longer while somebody still lives by it. Each step may be run again.
 *
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html and
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/tutorials_rotation-alternating.html (2026-11-29)
 *
 * @throws Error when the step cannot be done now; Secrets Manager tries the rotation again.
 */
export async function rotate(
  { Step, SecretId, ClientRequestToken }: RotationEvent,
  settings: RotationSettings,
): Promise<void> {
  const secret = new VersionedSecret(SecretId, settings.deadline);
  const stages = await secret.stages();
  const own = stages.get(ClientRequestToken);
  if (own === undefined) throw new Error(`the secret has no version ${ClientRequestToken}`);
  if (own.includes('AWSCURRENT')) return;
  if (!own.includes('AWSPENDING')) throw new Error(`version ${ClientRequestToken} is not the one on its way`);
  const step = { secret, version: ClientRequestToken, settings };
  switch (Step) {
    case 'createSecret':
      return createSecret(step);
    case 'setSecret':
      return setSecret(step);
    case 'testSecret':
      return testSecret(step);
    case 'finishSecret': {
      const before = [...stages].find(([, labels]) => labels.includes('AWSCURRENT'));
      return secret.makeCurrent(ClientRequestToken, before?.[0]);
    }
    default:
      throw new Error(`expected createSecret, setSecret, testSecret or finishSecret, got ${JSON.stringify(Step)}`);
  }
}

interface Rotating {
  readonly secret: VersionedSecret;
  readonly version: string;
  readonly settings: RotationSettings;
}

/** Refuses before there is anything to take back when the user's password is still lived by. */
async function createSecret({ secret, version, settings }: Rotating): Promise<void> {
  if ((await secret.pending(version)) !== undefined) return;
  const current = applicationSecret(await secret.current());
  const username = alternateOf(current.username);
  await inSession(await administratorOf(current, settings.deadline), (client) =>
    refuseWhileUsed(client, username, settings),
  );
  // 192 bits, in characters that mean nothing in a URL, a shell or SQL.
  const password = randomBytes(24).toString('base64url');
  await secret.putPending(version, JSON.stringify({ ...current, username, password }));
}

async function setSecret({ secret, version, settings }: Rotating): Promise<void> {
  const current = applicationSecret(await secret.current());
  const pending = await pendingOf(secret, version);
  const names = roleNames(current.username);
  // A writer of the secret must not choose whose password is set.
  if (pending.username !== alternateOf(current.username)) {
    throw new Error(
      `the version on its way is for ${JSON.stringify(pending.username)}; expected the other user of ${current.username}`,
    );
  }
  const administrator = await administratorOf(current, settings.deadline);
  // A step that was tried before has set it already, and nodes may have begun to use it.
  if (await letsIn(userOf(pending, administrator))) return;
  await inSession(administrator, (client) =>
    whileAlone(client, async () => {
      await makeRoles(client, names);
      await refuseWhileUsed(client, pending.username, settings);
      await setPassword(client, pending.username, pending.password);
    }),
  );
}

/** Also run alone, with a copy of the current version, when rotation is configured. */
async function testSecret({ secret, version, settings }: Rotating): Promise<void> {
  const pending = await pendingOf(secret, version);
  const administrator = await administratorOf(pending, settings.deadline);
  const { owner } = roleNames(pending.username);
  const role = await inSession(userOf(pending, administrator), async (client) => {
    const { rows } = await client.query<{ role: string }>('select current_user as role');
    return rows[0]?.role;
  });
  if (role !== owner) throw new Error(`${pending.username} acts as ${role}; expected ${owner}`);
  await inSession(administrator, (client) => replicasHaveIt(client, settings.deadline));
}

async function pendingOf(secret: VersionedSecret, version: string): Promise<ApplicationSecret> {
  const text = await secret.pending(version);
  if (text === undefined) throw new Error(`version ${version} has no value yet`);
  return applicationSecret(text);
}

/** The administrator's login, to the database that the application's secret is for. */
export async function administratorOf(secret: ApplicationSecret, deadline: AbortSignal): Promise<Login> {
  const master = masterSecret(await new VersionedSecret(secret.masterarn, deadline).current());
  return loginOf(master, [secret, master]);
}

function userOf({ username, password }: ApplicationSecret, administrator: Login): Login {
  return { ...administrator, user: username, password };
}

async function refuseWhileUsed(
  client: Parameters<typeof stillUsed>[0],
  user: string,
  watching: Watching,
): Promise<void> {
  const reason = await stillUsed(client, user, watching);
  if (reason !== undefined) throw new Error(`the password of ${user} is not changed: ${reason}`);
}
