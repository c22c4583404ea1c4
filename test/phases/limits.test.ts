import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { describe, expect, test } from 'vitest';
import { buildApp } from '../../lib/app';
import { holds } from '../../lib/climb/stateful';
import { type PhaseNumber, readConfiguration } from '../../lib/config/configuration';
import { CONFIGURATION_DIRECTORY } from '../../lib/config/directory';
import { cdkContext, synthesise } from '../cdk-context';
import { VARIANTS, WITH_DOMAIN } from '../variants';

/** Room to grow: beyond this share of a limit a stack has to be divided before the next thing is added. */
const SHARE = 0.8;

// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html and
// dynamic-references.html (2026-11-21)
const LIMITS = { resources: 500, bytes: 1_000_000, outputs: 200, parameters: 200, dynamicReferences: 60 } as const;

type Templates = ReturnType<typeof synthesise>;

/** All intrinsic functions of one name in a template, with their arguments. */
function calls(value: unknown, name: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [...(key === name ? [inner] : []), ...calls(inner, name)]);
}

interface Output {
  readonly Value: { readonly Ref?: string; readonly 'Fn::GetAtt'?: readonly [string, string] };
  readonly Export?: { readonly Name: string };
}

const outputsOf = (templates: Templates, stack: string): Readonly<Record<string, Output>> =>
  (templates[stack]?.['Outputs'] ?? {}) as Record<string, Output>;

/** The resource that an output is about. */
const subjectOf = ({ Value }: Output): string => Value.Ref ?? Value['Fn::GetAtt']?.[0] ?? '';

// What must hold of every template, whatever is configured, in one file: a synthesis takes longer than all its checks.
describe.each(VARIANTS)('$name', ({ context }) => {
  const { env = 'dev', phase, ...overrides } = context;
  const synthesised = (): Templates => synthesise(env, Number(phase) as PhaseNumber, overrides);

  test('no stack takes more than 80 % of what CloudFormation allows', () => {
    for (const [stack, template] of Object.entries(synthesised())) {
      const text = JSON.stringify(template, undefined, 1);
      const sizes: Record<keyof typeof LIMITS, number> = {
        resources: Object.keys(template.Resources).length,
        bytes: Buffer.byteLength(text),
        outputs: Object.keys(template['Outputs'] ?? {}).length,
        parameters: Object.keys(template['Parameters'] ?? {}).length,
        dynamicReferences: text.split('{{resolve:').length - 1,
      };
      expect(sizes.resources).toBeGreaterThan(0);
      const over = Object.entries(LIMITS).filter(([name, limit]) => sizes[name as keyof typeof LIMITS] > SHARE * limit);
      expect({ stack, over }).toEqual({ stack, over: [] });
    }
  });

  test('only what lives as long as the environment is imported: the VPC and its subnets', () => {
    const templates = synthesised();
    const exported = new Map(
      Object.keys(templates).flatMap((stack) =>
        Object.values(outputsOf(templates, stack)).flatMap((output) =>
          output.Export === undefined
            ? []
            : [[output.Export.Name, templates[stack]?.Resources[subjectOf(output)]?.Type] as const],
        ),
      ),
    );
    const imported = Object.values(templates).flatMap((template) => calls(template, 'Fn::ImportValue').map(String));
    expect(imported.length).toBeGreaterThan(0);
    for (const name of imported) expect([...exported.keys()]).toContain(name);
    for (const type of exported.values()) expect(['AWS::EC2::VPC', 'AWS::EC2::Subnet']).toContain(type);
  });

  test('every weak reference finds its output, in the region where that stack is', () => {
    const templates = synthesised();
    const region = overrides['region'] ?? 'us-east-1';
    for (const template of Object.values(templates)) {
      for (const call of calls(template, 'Fn::GetStackOutput')) {
        const { StackName, OutputName, Region } = call as { StackName: string; OutputName: string; Region?: string };
        expect(outputsOf(templates, StackName)).toHaveProperty(OutputName);
        if (Region !== undefined) expect(Region).toBe(StackName.endsWith('edge-global') ? 'us-east-1' : region);
        else expect(StackName.endsWith('edge-global') && region !== 'us-east-1').toBe(false);
      }
    }
  });

  test('what holds data outlives its stack, twice over: it is kept, and the stack is protected', () => {
    for (const [stack, { Resources }] of Object.entries(synthesised())) {
      for (const [id, resource] of Object.entries(Resources)) {
        if (holds(resource) === undefined) continue;
        expect(['Retain', 'Snapshot']).toContain(resource.DeletionPolicy);
        expect(resource.UpdateReplacePolicy).toBe(resource.DeletionPolicy);
        // A cookie, made anew, joins the next nodes as well as the last: it may live with them.
        if (!id.startsWith('Cookie')) expect(stack).toMatch(/-data$/);
      }
    }
  });
});

/** Every file that one synthesis leaves: path -> content. Assets are named after what is in them. */
function assembly(context: Readonly<Record<string, unknown>>): ReadonlyMap<string, string> {
  const outdir = mkdtempSync(join(tmpdir(), 'limits-'));
  try {
    const app = new App({ context: { ...cdkContext(), ...context }, outdir, analyticsReporting: false });
    buildApp(app, readConfiguration({ context, directory: CONFIGURATION_DIRECTORY }));
    app.synth();
    const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(outdir, name)).isFile(),
    );
    return new Map(files.sort().map((name) => [name, readFileSync(join(outdir, name), 'utf8')]));
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

test.each([
  ['prod at phase 3', { env: 'prod', phase: '3' }],
  ['prod at phase 3 with a domain', { env: 'prod', phase: '3', ...WITH_DOMAIN }],
])('synthesising twice gives the same bytes: %s', (_name, context) => {
  // By one line of code: metadata tells where a construct was made.
  const [first = new Map<string, string>(), second = new Map<string, string>()] = [1, 2].map(() => assembly(context));
  expect([...first.keys()].filter((name) => name.endsWith('.template.json'))).toHaveLength(6);
  expect([...second.keys()]).toEqual([...first.keys()]);
  expect([...first].filter(([name, content]) => second.get(name) !== content).map(([name]) => name)).toEqual([]);
});
