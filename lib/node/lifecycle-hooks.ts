/**
 * Names of the hooks by which a group waits for its nodes; the scripts complete them by these names (lib.sh, drain.sh).
 *
 * Both stand in the group itself. A hook that is a resource of its own refers to its group: it is made after the first
 * nodes, comes after a roll that counts on it, and goes before the group's last nodes do, which then do not drain.
 * Sources: aws/aws-cdk#16356, buildkite/elastic-ci-stack-for-aws#967 (read 2026-11-29).
 *
 * They are not called as the resources of their own were that stood here before, `launch` and `drain`: CloudFormation
 * takes those away when the update is over, by their names.
 */
export const LIFECYCLE_HOOKS = {
  /** Holds a new node back until it has booted. */
  launch: 'boot',
  /** Holds the end of a node back until its connections are gone, or its jobs done. */
  terminate: 'leave',
} as const;
