import {
  CreateIntegrationCommand,
  DeleteIntegrationCommand,
  type Integration,
  IntegrationNotFoundFault,
  ModifyIntegrationCommand,
  paginateDescribeIntegrations,
  type RedshiftClient,
} from '@aws-sdk/client-redshift';
import { LAG_MILLISECONDS, OutOfTimeError, untilDone } from './until-done';

/** A zero-ETL integration as it is wanted. */
export interface Feed {
  readonly name: string;
  readonly sourceArn: string;
  readonly targetArn: string;
  readonly description: string;
}

/** Most likely by CloudFormation itself, which has stopped waiting for the request: it is not begun again. */
const REMOVED = 'it was removed while it was made';

/**
 * Has the integration made, and waits while it is. What bears this name already is this one: a request may come twice,
 * and its answer may be lost. One that failed before this request is made anew.
 *
 * @param before the ARN of what an earlier invocation for this request has seen in the making.
 * @returns its ARN.
 * @throws OutOfTimeError, with the ARN if Redshift has taken it, and Error when it gave it up.
 */
export async function create(
  client: RedshiftClient,
  feed: Feed,
  before: string | undefined,
  deadline: AbortSignal,
): Promise<string> {
  const state: { taken?: string | undefined; missingSince?: number | undefined; failure?: Error } = { taken: before };
  try {
    return await untilDone(async () => {
      const found = await find(client, ({ IntegrationName }) => IntegrationName === feed.name, deadline);
      if (state.failure !== undefined && found?.Status !== 'failed') throw state.failure;
      if (found === undefined) {
        // Lists lag behind: what was taken is not asked for twice.
        state.taken ??= await begin(client, feed, deadline);
        state.missingSince ??= Date.now();
        if (Date.now() - state.missingSince > LAG_MILLISECONDS) throw new Error(REMOVED);
        return undefined;
      }
      state.missingSince = undefined;
      const { Status, IntegrationArn } = found;
      const own = IntegrationArn !== undefined && IntegrationArn === state.taken;
      if (Status === 'failed') {
        if (own) state.failure = new Error(`Redshift gave it up: ${errorsOf(found)}`);
        // In the way of this attempt, or of the next.
        await discard(client, IntegrationArn, deadline);
        if (state.failure !== undefined) throw state.failure;
        return undefined;
      }
      if (Status === 'deleting') {
        if (own) throw new Error(REMOVED);
        // It has to be gone before it can be made again.
        return undefined;
      }
      state.taken = IntegrationArn;
      // The other states are further than its creation: what they want is for the people who look after the warehouse.
      return Status === 'creating' || Status === 'modifying' ? undefined : IntegrationArn;
    }, deadline);
  } catch (error) {
    throw error instanceof OutOfTimeError ? (state.failure ?? new OutOfTimeError(error.message, state.taken)) : error;
  }
}

async function begin(client: RedshiftClient, feed: Feed, abortSignal: AbortSignal): Promise<string | undefined> {
  const { name: IntegrationName, sourceArn: SourceArn, targetArn: TargetArn, description: Description } = feed;
  const command = new CreateIntegrationCommand({ IntegrationName, SourceArn, TargetArn, Description });
  return (await client.send(command, { abortSignal })).IntegrationArn;
}

/** Deletes an integration; one that is gone already is fine too. */
async function discard(client: RedshiftClient, arn: string | undefined, abortSignal: AbortSignal): Promise<void> {
  try {
    await client.send(new DeleteIntegrationCommand({ IntegrationArn: arn }), { abortSignal });
  } catch (error) {
    if (!(error instanceof IntegrationNotFoundFault)) throw error;
  }
}

/**
 * Gives an integration the description that is wanted, if it has another. Redshift takes none while it is made, which may
 * take longer than there is time: then it keeps the old, since no deployment should fail for a description.
 *
 * @returns false when there is no such integration any more.
 */
export async function describe(
  client: RedshiftClient,
  arn: string,
  { description }: Feed,
  abortSignal: AbortSignal,
): Promise<boolean> {
  const command = new ModifyIntegrationCommand({ IntegrationArn: arn, Description: description });
  try {
    return await untilDone(async () => {
      const found = await find(client, ({ IntegrationArn }) => IntegrationArn === arn, abortSignal);
      if (found === undefined || found.Status === 'deleting') return false;
      if (found.Description !== description) await client.send(command, { abortSignal });
      return true;
    }, abortSignal);
  } catch (error) {
    if (error instanceof IntegrationNotFoundFault) return false;
    if (!(error instanceof OutOfTimeError)) throw error;
    console.log(JSON.stringify({ keepsItsDescription: arn, because: error.message }));
    return true;
  }
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
      if (found.Status !== 'deleting') await discard(client, found.IntegrationArn, deadline);
      state.going = true;
      return undefined;
    }, deadline);
  } catch (error) {
    if (!(error instanceof OutOfTimeError && state.going)) throw error;
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
