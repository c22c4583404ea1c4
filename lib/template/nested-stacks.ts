/** Types whose resources stand in a template of their own, which lies elsewhere or is text. */
export const NESTED_STACKS: ReadonlySet<string> = new Set([
  'AWS::CloudFormation::Stack',
  'AWS::CloudFormation::StackSet',
  'AWS::Serverless::Application',
]);
