import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** Where the constructs library puts the outputs that weak references read, and how it calls them. */
const SCOPE = 'Publish';

/**
 * Keeps the output that others read by a weak reference, also when nobody in this template's deployment does: a stack
 * that is deployed later may be taken back to a template that still reads it. The same output as a reference would make.
 *
 * @param value A reference to a resource of the stack.
 */
export function keepPublished(stack: Stack, value: string): void {
  const scope = stack.node.tryFindChild(SCOPE) ?? new Construct(stack, SCOPE);
  const id = `Output${JSON.stringify(stack.resolve(value))}`;
  if (scope.node.tryFindChild(id) === undefined) new CfnOutput(scope, id, { value });
}
