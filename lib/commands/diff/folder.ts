import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigurationError, type Problem } from '../../config/configuration-error';
import { standsForOthers } from '../../template/resolve';
import type { Template, Templates } from '../../template/template';
import { isTree } from '../../template/values';

/**
 * Reads the templates of a folder that `cdk synth` wrote: those of the stacks that its manifest names, or every
 * `*.template.json` in it.
 *
 * @throws ConfigurationError when it holds no template, or one that CloudFormation would not read as one.
 */
export function templatesOf(path: string): Templates {
  const files = stackFiles(path);
  if (files.length === 0) {
    refuse([{ key: path, allowed: 'a folder with a manifest.json or *.template.json files', where: '`cdk synth`' }]);
  }
  const read = files.map(([stack, file]) => [stack, file, readJson(join(path, file))] as const);
  const problems = read.flatMap(([, file, template]) => problemsOf(join(path, file), template));
  if (problems.length > 0) refuse(problems);
  // An empty stack is written without resources.
  return Object.fromEntries(
    read.map(([stack, , template]) => [stack, { Resources: {}, ...(template as Partial<Template>) }]),
  );
}

function stackFiles(path: string): (readonly [stack: string, file: string])[] {
  const files = readdirSync(path);
  if (!files.includes('manifest.json')) {
    return files
      .filter((file) => file.endsWith('.template.json'))
      .map((file) => [file.replace(/\.template\.json$/, ''), file] as const);
  }
  const manifest = join(path, 'manifest.json');
  const read = readJson(manifest);
  const artifacts = isTree(read) ? (read['artifacts'] ?? {}) : undefined;
  if (!isTree(artifacts)) {
    return refuse([problem(manifest, isTree(read) ? read['artifacts'] : read, 'a manifest: an object with artifacts')]);
  }
  const stacks = Object.entries(artifacts).filter(([, one]) => isTree(one) && one['type'] === STACK);
  const named = stacks.map(([id, one]) => {
    const properties = isTree(one) && isTree(one['properties']) ? one['properties'] : {};
    return { id, file: properties['templateFile'], stack: properties['stackName'] ?? id };
  });
  const problems = named.flatMap(({ id, file, stack }) => [
    ...(typeof file === 'string'
      ? []
      : [problem(`${manifest} artifacts.${id}.properties.templateFile`, file, 'the name of a file in this folder')]),
    ...(typeof stack === 'string'
      ? []
      : [problem(`${manifest} artifacts.${id}.properties.stackName`, stack, 'the name of a stack')]),
  ]);
  if (problems.length > 0) refuse(problems);
  return named.map(({ file, stack }) => [String(stack), String(file)] as const);
}

const STACK = 'aws:cloudformation:stack';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html */
const LOGICAL_ID = /^[A-Za-z0-9]{1,255}$/;
const TYPE = /^\w+(::[\w@-]+)+$/;

/** Problems that keep a value from being read as a template. */
function problemsOf(file: string, template: unknown): Problem[] {
  if (!isTree(template)) return [problem(file, template, 'a template: an object with Resources')];
  const { Resources: resources = {} } = template;
  if (!isTree(resources)) return [problem(`${file} Resources`, resources, 'an object of resources by their ids')];
  return Object.entries(resources).flatMap(([id, resource]): Problem[] => {
    // A loop stands for resources, and so does a macro: see `loopsWrittenOut` and `inlineMacrosOf`.
    if (standsForOthers(id)) return nullsIn(resource, `${file} Resources.${id}`);
    const key = `${file} Resources.${id}`;
    if (!LOGICAL_ID.test(id)) return [problem(key, id, 'a logical id of letters and digits')];
    if (!isTree(resource)) return [problem(key, resource, 'a resource: an object with a Type')];
    const { Type: type, Properties: properties = {} } = resource;
    return [
      ...(typeof type === 'string' && TYPE.test(type)
        ? []
        : [problem(`${key}.Type`, type, 'a type such as AWS::S3::Bucket')]),
      ...(isTree(properties)
        ? nullsIn(properties, `${key}.Properties`)
        : [problem(`${key}.Properties`, properties, 'an object of properties')]),
    ];
  });
}

/** CloudFormation takes no null anywhere in a template, and says so only when it is deployed. */
function nullsIn(value: unknown, key: string): Problem[] {
  if (value === null) return [problem(key, value, 'a value; CloudFormation takes no null')];
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([name, inner]) => nullsIn(inner, `${key}.${name}`));
}

function problem(key: string, received: unknown, allowed: string): Problem {
  return { key, ...(received !== undefined && { received }), allowed, where: 'that file, which `cdk synth` writes' };
}

function refuse(problems: readonly Problem[]): never {
  throw new ConfigurationError('reading templates', problems);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const allowed = `JSON (${error instanceof Error ? error.message : error})`;
    return refuse([{ key: file, allowed, where: 'that file' }]);
  }
}
