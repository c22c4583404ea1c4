/**
 * CodeDeploy's agent, an object of the bucket that AWS keeps for it in each region: by version, so that no node boots with
 * another one than the node beside it. Version 2 is not in every region yet.
 *
 * Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/codedeploy-agent-operations-install-linux.html
 * (2026-11-29): `releases/codedeploy-agent-<version>.noarch.rpm`; 1.8.1-26 was the newest of version 1 that was found.
 */
export const CODEDEPLOY_AGENT = 'releases/codedeploy-agent-1.8.1-26.noarch.rpm';
