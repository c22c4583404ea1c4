import { applicationSecret, type Login, loginOf, masterSecret, roleNames } from './credentials';
import { handOver } from './hand-over';
import { setPassword } from './password';
import { makeRoles, makeTokenUser, whileAlone } from './roles';
import { administratorOf } from './rotation';
import { VersionedSecret } from './secrets';
import { inSession } from './session';

/** Request: roles with passwords in a secret, or a user who logs in with a token that IAM signs. */
export type PreparationProperties =
  | { readonly Secret: string }
  | {
      readonly MasterSecret: string;
      readonly Host: string;
      readonly Port: string;
      readonly Database: string;
      readonly TokenUser: string;
    };

/**
 * Gives an application its roles, and what the administrator owned before there were any. Run again, it changes nothing
 * that is right.
 *
 * @returns One line of what was done.
 */
export async function prepare(properties: PreparationProperties, deadline: AbortSignal): Promise<string> {
  if ('Secret' in properties) {
    const secret = applicationSecret(await new VersionedSecret(properties.Secret, deadline).current());
    const names = roleNames(secret.username);
    const administrator = await administratorOf(secret, deadline);
    return inSession(administrator, (client) =>
      whileAlone(client, async () => {
        await makeRoles(client, names);
        await setPassword(client, secret.username, secret.password);
        const count = await handOver(client, names, deadline);
        return `${secret.username} may log in and act as ${names.owner}, who took over ${count} objects`;
      }),
    );
  }
  const { TokenUser: user } = properties;
  const owner = `${user}_owner`;
  return inSession(await administratorAt(properties, deadline), (client) =>
    whileAlone(client, async () => {
      await makeTokenUser(client, user, owner);
      const count = await handOver(client, { owner }, deadline);
      return `${user} may log in with a token and act as ${owner}, who took over ${count} objects`;
    }),
  );
}

async function administratorAt(
  { MasterSecret, Host, Port, Database }: Exclude<PreparationProperties, { Secret: string }>,
  deadline: AbortSignal,
): Promise<Login> {
  const master = masterSecret(await new VersionedSecret(MasterSecret, deadline).current());
  return loginOf(master, [{ host: Host, port: Number(Port), dbname: Database }]);
}
