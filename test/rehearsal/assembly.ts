import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface AssemblyStack {
  readonly name: string;
  readonly region: string;
}

interface Manifest {
  readonly artifacts?: Readonly<Record<string, Artifact>>;
}

interface Artifact {
  readonly type: string;
  readonly environment?: string;
  readonly properties?: { readonly stackName?: string };
}

/** The stacks of a cloud assembly that the CDK wrote, with their regions. */
export function stacksOf(folder: string): AssemblyStack[] {
  const { artifacts = {} } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { environment = '', properties }]) => ({
      name: properties?.stackName ?? id,
      // aws://<account>/<region>
      region: environment.split('/').at(-1) ?? '',
    }));
}
