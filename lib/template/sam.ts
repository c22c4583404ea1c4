import type { Template } from './template';
import { isTree, type Tree } from './values';

/**
 * The resources that AWS SAM makes of its own types, with properties of the same names unless they are said here.
 *
 * Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html
 */
const MADE_OF: Readonly<Record<string, string>> = {
  'AWS::Serverless::Api': 'AWS::ApiGateway::RestApi',
  'AWS::Serverless::Application': 'AWS::CloudFormation::Stack',
  'AWS::Serverless::Connector': 'AWS::IAM::ManagedPolicy',
  'AWS::Serverless::Function': 'AWS::Lambda::Function',
  'AWS::Serverless::GraphQLApi': 'AWS::AppSync::GraphQLApi',
  'AWS::Serverless::HttpApi': 'AWS::ApiGatewayV2::Api',
  'AWS::Serverless::LayerVersion': 'AWS::Lambda::LayerVersion',
  'AWS::Serverless::SimpleTable': 'AWS::DynamoDB::Table',
  'AWS::Serverless::StateMachine': 'AWS::StepFunctions::StateMachine',
};

/** Properties of AWS SAM that go by another name in what they are made into. */
const CALLED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'AWS::Serverless::SimpleTable': { PrimaryKey: 'KeySchema' },
  'AWS::Serverless::StateMachine': { Name: 'StateMachineName', Type: 'StateMachineType' },
};

/** Effect of changing a property of an AWS SAM type; undefined for other types. */
export function madeOf(
  type: string,
  property: string,
): { readonly type: string; readonly property: string } | undefined {
  const made = MADE_OF[type];
  return made === undefined ? undefined : { type: made, property: CALLED[type]?.[property] ?? property };
}

/** Recognises AWS SAM types, which CloudFormation knows only after the transform. */
export function isSam(type: string): boolean {
  return MADE_OF[type] !== undefined;
}

/**
 * A template in which each resource has the defaults that AWS SAM would give it: objects are merged, lists joined, and
 * other values overridden.
 *
 * Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
export function withGlobals(template: Template): Template {
  const globals = template['Globals'];
  if (!isTree(globals)) return template;
  const resources = Object.entries(template.Resources ?? {}).map(([id, resource]) => {
    const shared = globals[resource.Type.replace('AWS::Serverless::', '')];
    if (!isSam(resource.Type) || !isTree(shared)) return [id, resource] as const;
    return [id, { ...resource, Properties: merged(shared, resource.Properties ?? {}) as Tree }] as const;
  });
  return { ...template, Resources: Object.fromEntries(resources) };
}

function merged(shared: unknown, own: unknown): unknown {
  if (own === undefined) return shared;
  if (Array.isArray(shared) && Array.isArray(own)) return [...(shared as unknown[]), ...(own as unknown[])];
  if (!isTree(shared) || !isTree(own)) return own;
  const names = new Set([...Object.keys(shared), ...Object.keys(own)]);
  return Object.fromEntries([...names].map((name) => [name, merged(shared[name], own[name])]));
}
