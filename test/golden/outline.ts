import { Document, isCollection, visit } from 'yaml';
import type { CloudFormationResource, CloudFormationTemplate } from '../cdk-context';

/** Lists and maps that fit on a line are written on one. */
const LINE = 110;

/**
 * A template as a reviewer reads it: each resource with its logical id, type, what happens to it when it goes, and its
 * properties with references written `${Like.This}`. Hashes of assets, tags and metadata are left out: they change
 * without the architecture changing.
 */
export function outline(name: string, template: CloudFormationTemplate): string {
  const resources = Object.entries(template.Resources)
    .filter(([, { Type }]) => Type !== 'AWS::CDK::Metadata')
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([id, resource]) => section(id, resource));
  return [`## ${name}`, ...resources].join('\n');
}

function section(id: string, { Type, Properties = {}, DeletionPolicy, UpdateReplacePolicy }: CloudFormationResource): string {
  const { Tags: _, UserData: __, ...properties } = Properties;
  const kept = [DeletionPolicy, UpdateReplacePolicy].filter((policy) => policy !== undefined && policy !== 'Delete');
  const fate = kept.length === 0 ? '' : ` [${[...new Set(kept)].join(', ')}]`;
  const body = inYaml(legible(properties));
  return `${id}: ${Type}${fate}${body === '' ? '' : `\n${body}`}`;
}

function inYaml(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Collection: (_key, node) => {
      const json = JSON.stringify(node.toJSON());
      if (json.length > LINE || document.contents === node) return undefined;
      node.flow = true;
      return visit.SKIP;
    },
  });
  if (isCollection(document.contents) && document.contents.items.length === 0) return '';
  return document
    .toString({ lineWidth: 0, flowCollectionPadding: false })
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

/** References become `${...}`, statements one line each, base64 and assets what they stand for. */
function legible(value: unknown): unknown {
  if (typeof value === 'string') return redacted(value);
  if (Array.isArray(value)) return value.map(legible);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (first !== undefined && entries.length === 1) {
    const reference = referenceOf(...first);
    if (reference !== undefined) return reference;
  }
  if ('Effect' in value && 'Action' in value) return statement(value as Statement);
  return Object.fromEntries(
    entries
      .filter(([key]) => key !== 'Tags' && key !== 'TagSpecifications' && key !== 'UserData' && key !== 'Version')
      .map(([key, inner]) => [key, legible(inner)]),
  );
}

function referenceOf(name: string, argument: unknown): string | undefined {
  switch (name) {
    case 'Ref':
      return `\${${String(argument)}}`;
    case 'Fn::GetAtt':
      return `\${${(argument as string[]).join('.')}}`;
    case 'Fn::Sub':
      return redacted(String(argument));
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]];
      return parts.map((part) => String(legible(part))).join(separator);
    }
    case 'Fn::GetStackOutput': {
      const { StackName, OutputName } = argument as { StackName: string; OutputName: string };
      return `\${${StackName} ${shortOutput(OutputName)}}`;
    }
    case 'Fn::ImportValue': {
      const [stack = '', output = ''] = String(argument).split(':');
      return `\${${stack} ${shortOutput(output)}}`;
    }
    case 'Fn::Select': {
      const [index, list] = argument as [number, unknown];
      return `\${${index} of ${JSON.stringify(legible(list))}}`.replaceAll('"', '');
    }
    case 'Fn::GetAZs':
      return 'zones';
    case 'Fn::Cidr': {
      const [, count, bits] = argument as [unknown, number, string];
      return `${count} networks of ${bits} bits`;
    }
    default:
      return undefined;
  }
}

/** Outputs that the CDK makes up are named after what they hold, with two hashes. */
function shortOutput(name: string): string {
  return name.replace(/^(PublishOutput|ExportsOutput)(FnGetAtt|Ref)/, '').replace(/[0-9A-F]{8}$/, '');
}

interface Statement {
  readonly Effect: string;
  readonly Action: unknown;
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

function statement({ Effect, Action, Resource, Principal, Condition }: Statement): string {
  const list = (value: unknown): string => [legible(value)].flat().map(short).join(', ');
  return [
    `${Effect} ${list(Action)}`,
    Resource === undefined ? '' : ` on ${list(Resource)}`,
    Principal === undefined ? '' : ` by ${short(legible(Principal))}`,
    Condition === undefined ? '' : ` if ${short(legible(Condition))}`,
  ].join('');
}

function short(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll('"', '');
}

function redacted(text: string): string {
  return text.replace(/[0-9a-f]{64}/g, '<hash>');
}
