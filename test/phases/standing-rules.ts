import { describe, expect, test } from 'vitest';
import type { PhaseNumber } from '../../lib/facts/phase-numbers';
import { holds } from '../../lib/template/stateful';
import { synthesise } from '../cdk-context';
import type { Variant } from '../variants';

/** Room to grow: beyond this share of a limit a stack has to be divided before the next thing is added. */
const SHARE = 0.8;

// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html and
// dynamic-references.html (2026-11-21)
const LIMITS = { resources: 500, bytes: 1_000_000, outputs: 200, parameters: 200, dynamicReferences: 60 } as const;

/** The stacks that hold data; all are protected. */
const KEEPERS =
  /-(data|federation|logins|shards(-\d+)?|tables|no-sql|warehouse|async|operations|operations-global|backup-copy)$/;

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

/** What must hold of every template, whatever is configured: one place, as a synthesis takes longer than all its checks. */
export const standingRules = (variants: readonly Variant[]) =>
  describe.each(variants)('$name', ({ context }) => {
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
        const over = Object.entries(LIMITS).filter(
          ([name, limit]) => sizes[name as keyof typeof LIMITS] > SHARE * limit,
        );
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
      const home = overrides['region'] ?? 'us-east-1';
      const regionOf = (stack: string): string => {
        if (stack.endsWith('-global')) return 'us-east-1';
        return stack.endsWith('-backup-copy') ? (overrides['operations.copyRegion'] ?? '') : home;
      };
      for (const [stack, template] of Object.entries(templates)) {
        for (const call of calls(template, 'Fn::GetStackOutput')) {
          const { StackName, OutputName, Region } = call as { StackName: string; OutputName: string; Region?: string };
          expect(outputsOf(templates, StackName)).toHaveProperty(OutputName);
          if (Region !== undefined) expect(Region).toBe(regionOf(StackName));
          else expect(regionOf(StackName)).toBe(regionOf(stack));
        }
      }
    });

    test('no group and no scheduled action says how many nodes there are: what scales them does', () => {
      const scaled = ['AWS::AutoScaling::AutoScalingGroup', 'AWS::AutoScaling::ScheduledAction'];
      for (const { Resources } of Object.values(synthesised())) {
        const fixed = Object.entries(Resources).filter(
          ([, { Type, Properties = {} }]) => scaled.includes(Type) && Object.hasOwn(Properties, 'DesiredCapacity'),
        );
        expect(fixed.map(([id]) => id)).toEqual([]);
      }
    });

    test('what holds data outlives its stack, twice over: it is kept, and the stack is protected', () => {
      for (const [stack, { Resources }] of Object.entries(synthesised())) {
        for (const [id, resource] of Object.entries(Resources)) {
          if (holds(resource) === undefined) continue;
          expect(['Retain', 'RetainExceptOnCreate', 'Snapshot']).toContain(resource.DeletionPolicy);
          expect(resource.UpdateReplacePolicy).toBe(resource.DeletionPolicy?.replace('ExceptOnCreate', ''));
          // A cookie or an authority, made anew, joins the next nodes as well as the last, which end with their stack; the mover's
          // password is of a role that is made for each move: they may live with them.
          if (!/^(Cookie|ClusterSigningKey|MoverBoxLogin)/.test(id)) expect(stack).toMatch(KEEPERS);
        }
      }
    });
  });
