import { createHash } from 'node:crypto';
import { Lazy, Stack, Token } from 'aws-cdk-lib';
import * as ssm from 'aws-cdk-lib/aws-ssm';
import type { IConstruct } from 'constructs';
import { isReadAtBoot } from '../../facts/boot-parameters';
import type { NodeRole } from '../../node/blueprint';

/**
 * A digest, 16 hexadecimal digits, of everything that nodes of a role read at boot: names, settings, and for what only
 * CloudFormation knows (an endpoint) which resource it comes from. It changes when nodes have to read anew, and stays
 * when an endpoint moves.
 *
 * The single server goes and comes back when it rolls, so it counts what the configuration says alone: an expansion,
 * which publishes what stands beside it, must not end it.
 */
export function settingsDigest(scope: IConstruct, environment: string, role: NodeRole): string {
  const path = `/beamstalk/${environment}/`;
  const read = (): string[] =>
    scope.node.root.node
      .findAll()
      .filter((construct) => construct instanceof ssm.CfnParameter)
      .flatMap((parameter) => {
        const { name = '', value } = parameter;
        if (!name.startsWith(path) || !isReadAtBoot(role, name.slice(path.length))) return [];
        if (role === 'box' && Token.isUnresolved(value)) return [];
        return [JSON.stringify([name, Stack.of(parameter).resolve(value)])];
      });
  return Lazy.string({
    produce: () => createHash('sha256').update(read().sort().join('\n')).digest('hex').slice(0, 16),
  });
}
