import type { App, Stack, StackProps } from 'aws-cdk-lib';
import { architectureOf } from './architecture/phases';
import type { Configuration } from './config/configuration';
import { AppStack } from './stacks/app';
import { DataStack } from './stacks/data';
import { EdgeStack } from './stacks/edge';
import { CLOUDFRONT_REGION, EdgeGlobalStack } from './stacks/edge-global';
import { GateStack } from './stacks/gate';
import { NetworkStack } from './stacks/network';

/**
 * Builds the stacks of one environment at one phase. Stacks are named `<environment>-<part>`, the same in every phase.
 *
 * @throws ConfigurationError when the phase is not built yet.
 */
export function buildApp(app: App, configuration: Configuration): readonly Stack[] {
  const architecture = architectureOf(configuration);
  const { environment, region, edge, domain } = architecture;
  const name = (part: string): string => `${environment}-${part}`;
  const tags = { 'beamstalk:environment': environment };
  const common = { architecture, tags, env: { region } } satisfies StackProps & { architecture: unknown };

  const { phase, from, force } = configuration;
  const gate = new GateStack(app, name('gate'), { ...common, climb: { phase, from }, force });
  const network = new NetworkStack(app, name('network'), common);
  // Everything else stands on the network, so a refusal at the gate stops the whole deployment.
  network.addStackDependency(gate, 'the gate judges a climb before anything is touched');
  const data = new DataStack(app, name('data'), { ...common, network });
  const compute = new AppStack(app, name('app'), { ...common, network, data });
  const stacks: Stack[] = [gate, network, data, compute];

  if (edge) {
    const global = new EdgeGlobalStack(app, name('edge-global'), {
      ...common,
      env: { region: CLOUDFRONT_REGION },
      edge,
    });
    global.addStackDependency(gate, 'it stands on nothing else that waits for the gate');
    stacks.push(global, new EdgeStack(app, name('edge'), { ...common, data, app: compute, global }));
  } else if (domain) {
    stacks.push(new EdgeStack(app, name('edge'), { ...common, data, app: compute }));
  }
  return stacks;
}
