/**
 * Seconds that CodeDeploy gives each hook of a deployment: its most. A hook that takes longer is killed and has failed, so
 * `deploy.sh` bounds every wait within it by what is left of this one figure.
 *
 * Source: https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html (2026-11-29)
 */
export const HOOK_SECONDS = 3600;
