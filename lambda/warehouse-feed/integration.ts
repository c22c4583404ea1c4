import {
  CreateIntegrationCommand,
  DeleteIntegrationCommand,
  type Integration,
  IntegrationNotFoundFault,
  ModifyIntegrationCommand,
  paginateDescribeIntegrations,
  type RedshiftClient,
} from '@aws-sdk/client-redshift';
import { OutOfTimeError, untilDone } from './until-done';

/** A zero-ETL integration as it is wanted. */
export interface Feed {
  readonly name: string;
  readonly sourceArn: string;
  readonly targetArn: string;
  readonly description: string;
}

/**
 * Has the integration made, and waits while it is. What bears this name already is this one: a request may come twice,
 * and its answer may be lost. Copying a large table takes longer than a function may run: then it is left to itself, once
 * Redshift has taken it. To fail it would take the whole warehouse back, and no later attempt would have more time.
 *
 * @returns its ARN.
 * @throws OutOfTimeError when Redshift did not take it, and Error when it gave it up.
 */
export async function create(client: RedshiftClient, feed: Feed, deadline: AbortSignal): Promise<string> {
  const taken: { arn?: string | undefined } = {};
  try {
    return await untilDone(async () => {
      const found = await find(client, ({ IntegrationName }) => IntegrationName === feed.name, deadline);
      if (found === undefined) {
        // Lists lag behind: what was taken is not asked for twice.
        taken.arn ??= await begin(client, feed, deadline);
        return undefined;
      }
      const { Status, IntegrationArn } = found;
      taken.arn = Status === 'deleting' || Status === 'failed' ? undefined : IntegrationArn;
      if (Status === 'failed') {
        // In the way of the next attempt.
        await client.send(new DeleteIntegrationCommand({ IntegrationArn }), { abortSignal: deadline });
        throw new Error(`Redshift gave it up: ${errorsOf(found)}`);
      }
      // One that is going has to be gone before it can be made again. The other states are further than its creation:
      // what they want is for the people who look after the warehouse.
      return Status === 'deleting' || Status === 'creating' || Status === 'modifying' ? undefined : IntegrationArn;
    }, deadline);
  } catch (error) {
    if (!(error instanceof OutOfTimeError) || taken.arn === undefined) throw error;
    console.log(JSON.stringify({ stillCreating: taken.arn }));
    return taken.arn;
  }
}

async function begin(client: RedshiftClient, feed: Feed, abortSignal: AbortSignal): Promise<string | undefined> {
  const { name: IntegrationName, sourceArn: SourceArn, targetArn: TargetArn, description: Description } = feed;
  const command = new CreateIntegrationCommand({ IntegrationName, SourceArn, TargetArn, Description });
  return (await client.send(command, { abortSignal })).IntegrationArn;
}

/** @returns false when there is no such integration any more. */
export async function describe(
  client: RedshiftClient,
  arn: string,
  { description }: Feed,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const command = new ModifyIntegrationCommand({ IntegrationArn: arn, Description: description });
  return untilDone(async () => {
    try {
      await client.send(command, { abortSignal });
      return true;
    } catch (error) {
      if (error instanceof IntegrationNotFoundFault) return false;
      throw error;
    }
  }, abortSignal);
}

/**
 * Has an integration removed, and waits until it is gone. One that Redshift has begun to remove goes on by itself.
 *
 * @throws OutOfTimeError when Redshift did not begin.
 */
export async function remove(
  client: RedshiftClient,
  isIt: (integration: Integration) => boolean,
  deadline: AbortSignal,
): Promise<void> {
  const state = { going: false };
  try {
    await untilDone(async () => {
      const found = await find(client, isIt, deadline);
      if (found === undefined) return true;
      if (found.Status !== 'deleting') {
        const command = new DeleteIntegrationCommand({ IntegrationArn: found.IntegrationArn });
        await client.send(command, { abortSignal: deadline });
      }
      state.going = true;
      return undefined;
    }, deadline);
  } catch (error) {
    if (error instanceof IntegrationNotFoundFault || (error instanceof OutOfTimeError && state.going)) return;
    throw error;
  }
}

/** A warehouse takes 50 integrations: one call lists them. */
async function find(
  client: RedshiftClient,
  isIt: (integration: Integration) => boolean,
  abortSignal: AbortSignal,
): Promise<Integration | undefined> {
  for await (const { Integrations = [] } of paginateDescribeIntegrations({ client }, {}, { abortSignal })) {
    const found = Integrations.find(isIt);
    if (found !== undefined) return found;
  }
  return undefined;
}

function errorsOf({ Errors = [] }: Integration): string {
  const errors = Errors.map(({ ErrorCode, ErrorMessage }) => [ErrorCode, ErrorMessage].filter(Boolean).join(': '));
  return errors.join('; ') || 'it does not say why';
}
