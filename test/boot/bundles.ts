// bundles.ts FOLDER: writes a boot bundle and the user data for each node of the gate, as the stacks would.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { callsOfFleets, endpointsWithoutIpv4 } from '../../lib/architecture/private-calls';
import { LOAD_SCRIPT } from '../../lib/commands/boundary/node-load';
import { endpointNames, type NodeService, SERVICE_ENDPOINTS, type ServiceEndpoint } from '../../lib/facts/endpoints';
import { instanceType } from '../../lib/facts/instance-type';
import { PROGRAMS } from '../../lib/facts/programs';
import { projectPath } from '../../lib/facts/project-path';
import type { NodeRole } from '../../lib/node/blueprint';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { generatedFiles } from '../../lib/node/boot-files';
import { bootSteps } from '../../lib/node/boot-steps';
import { userData } from '../../lib/node/user-data';

interface BuildSpec {
  readonly phases: Readonly<Record<string, { readonly commands: readonly string[] }>>;
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: bundles.ts FOLDER');
const environment = 'gate';
const region = 'eu-west-1';
const image = 'debian-13';

const pressure = { retryAfterSeconds: 7, lowPriorityPaths: ['/batch/', '/reports'] };
const jobs = { queues: ['jobs'], atOnce: 50, drainSeconds: 60 };

/** A bundle each, named by its role; of web nodes there are those before sockets, those behind CloudFront, and one that reports. */
const bundles: readonly (readonly [string, NodeRole])[] = [
  ['box', 'box'],
  ['app', 'app'],
  ['web', 'web'],
  ['web-http', 'web'],
  ['web-reports', 'web'],
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
    steps: bootSteps({
      role,
      localDatabase: role === 'box',
      pressure: role !== 'box',
      cluster: role === 'app' || role === 'worker',
      reports: name === 'web-reports',
    }),
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

// Commands of a buildspec, which CodeBuild runs in one shell until one fails; and the archive that it fetches as $TOOLS.
const deliveryFiles = projectPath('lib', 'constructs', 'delivery', 'files');
cpSync(deliveryFiles, join(folder, 'tools'), { recursive: true });
mkdirSync(join(folder, 'builds'));
for (const name of ['publish', 'toolchain']) {
  const spec: BuildSpec = parse(readFileSync(join(deliveryFiles, `${name}.yml`), 'utf8'));
  const commands = Object.values(spec.phases).flatMap((phase) => phase.commands);
  writeFileSync(join(folder, 'builds', name), commands.map((command) => `{ ${command}\n} || exit\n`).join(''));
}

// What the gate's resolver may know: `<name> <kind> ipv6|- inside|- gateway|-`, where `inside` marks a plain name for which
// a network without IPv4 has an interface endpoint.
const inside = endpointsWithoutIpv4(callsOfFleets(true), region);
const rows = (Object.keys(SERVICE_ENDPOINTS) as NodeService[]).flatMap((service) => {
  const { label = service, gateway = false }: ServiceEndpoint = SERVICE_ENDPOINTS[service];
  return endpointNames(service, region).map(({ name, kind, answersIpv6 }) => {
    const within = kind === 'plain' && inside.includes(label);
    return `${name} ${kind} ${answersIpv6 ? 'ipv6' : '-'} ${within ? 'inside' : '-'} ${gateway ? 'gateway' : '-'}\n`;
  });
});
writeFileSync(join(folder, 'documented'), rows.join(''));

// Which package has to bring what the scripts run, for the gate to ask the machine: `<program> <package>`.
const programs = Object.entries(PROGRAMS[image]).flatMap(([name, { programs: of }]) =>
  of.map((program) => `${program} ${name}\n`),
);
writeFileSync(join(folder, 'programs'), programs.join(''));

// What `beamstalk boundary` has a node tell of itself.
writeFileSync(join(folder, 'load-script'), LOAD_SCRIPT);
