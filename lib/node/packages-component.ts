/**
 * An Image Builder component that installs packages and then sees that they are there. What they start by themselves is
 * stopped: a boot decides what runs. For Amazon Linux, the one image that is baked.
 *
 * Source: https://docs.aws.amazon.com/imagebuilder/latest/userguide/toe-use-documents.html (2026-11-21)
 */
export function packagesComponent(packages: readonly string[]): string {
  const list = packages.join(' ');
  const bash = (name: string, ...commands: readonly string[]) => ({
    name,
    action: 'ExecuteBash',
    inputs: { commands: ['set -euo pipefail', ...commands] },
  });
  // JSON is YAML too.
  return JSON.stringify(
    {
      name: 'packages',
      schemaVersion: 1.0,
      phases: [
        {
          name: 'build',
          steps: [bash('Install', `dnf install -y ${list}`, 'systemctl disable --now nginx')],
        },
        { name: 'validate', steps: [bash('AreThere', `rpm -q ${list}`)] },
      ],
    },
    undefined,
    1,
  );
}
