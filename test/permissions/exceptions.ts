/** A finding of the gate that stands for now or for good, with the reason. One that finds nothing ends the gate. */
export interface Exception {
  readonly finding: RegExp;
  readonly because: string;
}

/** What AWS's data or the constructs library have otherwise than it is. */
export const DEAD_FOR_A_REASON: readonly Exception[] = [
  {
    finding: /-delivery\/PipelineRole.* codestar-connections:UseConnection /,
    because:
      'The constructs library grants the action under its former prefix besides. AWS knows it for ARNs of that prefix only; the other one counts.',
  },
  {
    finding: /-tables\/Feed.* dynamodb:ListStreams takes no resource/,
    because: 'The constructs library grants it on the stream; lib/constructs/tables grants it on all, as AWS knows it.',
  },
  {
    finding: /dynamodb:GetResourcePolicy needs a resource of the kind stream too/,
    because: 'The data say that both are needed; it asks for the policy of one resource, a table or a stream.',
  },
];

/** The findings that no exception explains, and the exceptions that explain nothing. */
export function unexplained(findings: readonly string[], exceptions: readonly Exception[]): readonly string[] {
  const left = findings.filter((finding) => !exceptions.some((exception) => exception.finding.test(finding)));
  const idle = exceptions.filter(({ finding }) => !findings.some((one) => finding.test(one)));
  return [...new Set(left), ...idle.map(({ finding }) => `the exception ${finding} finds nothing: take it away`)];
}
