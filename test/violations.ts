import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { App, CloudFormationValidatePlugin, type PolicyValidationStack } from 'aws-cdk-lib';
import type { Synthesised } from './cdk-context';

/**
 * Errors that AWS's validator finds in a template on the way of an environment, as `rule at stack/resource: description`.
 * It is what `cdk synth` runs, with the rules that the CDK brings; but each template that differs from all
 * others is read once, by one engine, while a synth makes an engine whenever an app has a type that the one before had
 * not (CloudFormationValidatePlugin.initializeEngine of aws-cdk-lib 2.276.0).
 */
export function violations(all: readonly Synthesised[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'violations-'));
  try {
    const distinct = new Map<string, { readonly stack: string; readonly region: string; readonly text: string }>();
    for (const { templates, regions } of all) {
      for (const [stack, template] of Object.entries(templates)) {
        const [text, region] = [JSON.stringify(template), regions[stack] ?? ''];
        distinct.set(`${region} ${text}`, { stack, region, text });
      }
    }
    const stackTemplates: PolicyValidationStack[] = [...distinct.values()].map(({ stack, region, text }, index) => {
      const templatePath = join(folder, `${stack}.${index}`);
      writeFileSync(templatePath, text);
      return { stackConstructPath: stack, templatePath, region, accountId: undefined };
    });
    const plugin = new CloudFormationValidatePlugin();
    const context = { stackTemplates, templatePaths: stackTemplates.map(({ templatePath }) => templatePath) };
    const report = plugin.validate({ ...context, appConstruct: new App({ analyticsReporting: false }) });
    // Warnings that are accepted beside a construct are known to its app alone: the test of the policies has them.
    const errors = report.violations.filter(({ severity }) => severity === 'error' || severity === 'fatal');
    return errors.flatMap(({ ruleName, description, violatingResources }) =>
      violatingResources.map(
        ({ templatePath, resourceLogicalId = '' }) =>
          `${ruleName} at ${basename(templatePath ?? '').replace(/\.\d+$/, '')}/${resourceLogicalId}: ${description}`,
      ),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
