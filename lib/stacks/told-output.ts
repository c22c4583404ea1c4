import { CfnOutput, type Stack } from 'aws-cdk-lib';

/** Adds an output for people, which a deployment ends with. Nothing reads it, so that it may go with what it names. */
export function tell(stack: Stack, name: string, value: string, description: string): void {
  new CfnOutput(stack, name, { value, description });
}
