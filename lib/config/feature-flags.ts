import { readFileSync } from 'node:fs';

/**
 * The context that the CDK CLI hands to an app: the feature flags of cdk.json and what its own settings add. `new App()`
 * alone knows none of it (aws/aws-cdk#17553) and would build other templates than those that are deployed.
 *
 * @param file Path of cdk.json.
 */
export function featureFlags(file: string): Record<string, unknown> {
  const { context } = JSON.parse(readFileSync(file, 'utf8')) as { context: Record<string, unknown> };
  return {
    ...context,
    'aws:cdk:enable-path-metadata': true,
    'aws:cdk:enable-asset-metadata': true,
    'aws:cdk:bundling-stacks': ['**'],
  };
}
