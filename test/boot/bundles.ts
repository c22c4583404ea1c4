// bundles.ts FOLDER: writes a boot bundle and the user data for each node of the gate, as the stacks would.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instanceType } from '../../lib/facts/instance-type';
import type { NodeRole } from '../../lib/node/blueprint';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { generatedFiles } from '../../lib/node/boot-files';
import { bootSteps } from '../../lib/node/boot-steps';
import { userData } from '../../lib/node/user-data';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: bundles.ts FOLDER');
const environment = 'gate';
const region = 'eu-west-1';
const image = 'debian-13';

const pressure = { retryAfterSeconds: 7, lowPriorityPaths: ['/batch/', '/reports'] };
const jobs = { queues: ['jobs'], atOnce: 50, drainSeconds: 60 };

/** A bundle each, named by its role; of web nodes there are those before sockets, and those behind CloudFront. */
const bundles: readonly (readonly [string, NodeRole])[] = [
  ['box', 'box'],
  ['app', 'app'],
  ['web', 'web'],
  ['web-http', 'web'],
  ['worker', 'worker'],
];

for (const [name, role] of bundles) {
  const bundle = join(folder, name);
  mkdirSync(bundle, { recursive: true });
  cpSync(BOOT_DIRECTORY, bundle, { recursive: true });
  const files = generatedFiles({
    environment,
    region,
    role,
    instanceType: instanceType(role === 'app' ? 'c7i.4xlarge' : 't3.medium'),
    image,
    releaseArchitecture: 'amd64',
    appPort: 4000,
    tlsPort: 4443,
    healthPath: '/echo?message=health',
    evictPerSecond: 500,
    passThrough: name === 'web',
    steps: bootSteps({ role, localDatabase: role === 'box', pressure: role !== 'box' }),
    ...(role !== 'box' && { pressure }),
    ...(role === 'worker' && { jobs }),
  });
  for (const [file, text] of files) writeFileSync(join(bundle, file), text);
  writeFileSync(
    join(folder, `${name}.user-data`),
    userData({
      bundleUrl: `s3://gate-bundles/${name}.zip`,
      image,
      region,
      environment,
      role,
      stackName: `gate-${role}`,
      fleetLogicalId: `Fleet${role}`,
    }),
  );
}
