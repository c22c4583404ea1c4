import { type IResolvable, type IResolveContext, Lazy } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';

type TagSpecification = ec2.CfnLaunchTemplate.TagSpecificationProperty;

/**
 * Adds a tag to the instances that a launch template starts, and to nothing else: another value is another version of
 * it. The constructs library would tag the template as well, which AWS tags when it is made.
 *
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-launchtemplate.html
 * (`TagSpecifications`, 2026-11-29)
 *
 * @param value May hold tokens.
 */
export function tagInstances(launchTemplate: ec2.CfnLaunchTemplate, key: string, value: string): void {
  const data = launchTemplate.launchTemplateData as ec2.CfnLaunchTemplate.LaunchTemplateDataProperty;
  const known = data.tagSpecifications as IResolvable;
  const tagged = (one: TagSpecification): TagSpecification =>
    one.resourceType === 'instance' ? { ...one, tags: [...((one.tags ?? []) as []), { key, value }] } : one;
  launchTemplate.launchTemplateData = {
    ...data,
    tagSpecifications: Lazy.uncachedAny({
      produce: (context: IResolveContext) => {
        const others = context.resolve(known) as readonly TagSpecification[] | undefined;
        return (others ?? [{ resourceType: 'instance' }]).map(tagged);
      },
    }),
  };
}
