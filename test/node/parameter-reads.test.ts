import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isReadAtBoot } from '../../lib/facts/boot-parameters';
import type { BootStep, NodeRole } from '../../lib/node/blueprint';
import { BOOT_DIRECTORY } from '../../lib/node/boot-directory';
import { type BootStepsProps, bootSteps } from '../../lib/node/boot-steps';
import { parameterReads, READ_BY } from '../../lib/node/parameter-reads';
import { NODE_PARAMETERS, QUEUE_PARAMETERS, TABLE_PARAMETERS } from '../../lib/node/parameters';
import { machine } from './machine';
import { topicsRead } from './topics-read';

const STEPS = Object.keys(READ_BY) as BootStep[];
const ROLES: readonly NodeRole[] = ['box', 'web', 'app', 'worker', 'mover'];

/** Scripts that others run later on the node: Run Command for a rollout, and the CodeDeploy agent by the hook of a bundle. */
const LATER: Partial<Record<BootStep, readonly string[]>> = {
  release: ['rollout.sh', 'open-database.sh'],
  agent: ['deploy.sh'],
  mover: ['move.sh'],
};
const program = (name: string): string => join(BOOT_DIRECTORY, 'files', 'bin', name);

/** Everything that a step reads on a node of a role, with what it installs, but for what other steps read. */
function readBy(step: BootStep, role: NodeRole): readonly string[] {
  const seen = new Set<string>();
  const found = new Set<string>();
  const look = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const { topics, scripts, units, libraries } = topicsRead(readFileSync(path, 'utf8'), role);
    for (const topic of topics) found.add(topic);
    for (const name of scripts) look(program(name));
    for (const name of libraries) look(join(BOOT_DIRECTORY, name));
    for (const name of units) look(join(BOOT_DIRECTORY, 'files', 'systemd', name));
  };
  look(join(BOOT_DIRECTORY, 'steps', `${step}.sh`));
  for (const name of LATER[step] ?? []) look(program(name));
  return [...found].sort();
}

/** Roles that have a step, in whatever phase. */
function rolesWith(step: BootStep): readonly NodeRole[] {
  return ROLES.filter((role) => ALL_STEPS.some((one) => one.role === role && bootSteps(one).includes(step)));
}

/** Every combination of what nodes of a role may be. */
const ALL_STEPS: readonly BootStepsProps[] = ROLES.flatMap((role) =>
  [false, true].flatMap((localDatabase) =>
    [false, true].flatMap((rest) => [
      { role, localDatabase, pressure: rest, warm: rest, deployed: rest, cluster: rest, reports: rest },
      { role, localDatabase, pressure: rest, warm: rest, deployed: !rest, cluster: rest, reports: !rest },
    ]),
  ),
);

describe('the table of what steps read', () => {
  it.each(STEPS.flatMap((step) => rolesWith(step).map((role) => [step, role] as const)))(
    'says of %s on a node of the role %s what its scripts read',
    (step, role) => {
      const { closed, open, asked, followed } = parameterReads(role, [step]);
      expect([...new Set([...closed, ...open, ...asked, ...followed])].sort()).toEqual(readBy(step, role));
    },
  );

  it('knows all that is written down', () => {
    const known = ROLES.flatMap((role) => {
      const { names, open, asked } = parameterReads(role, STEPS);
      return [...names, ...[...open, ...asked].map((topic) => `${topic}/`)];
    });
    const unread = NODE_PARAMETERS.filter((name) => !known.some((one) => name === one || name.startsWith(one)));
    expect(unread).toEqual([]);
    expect(parameterReads('box', STEPS).open).toEqual(['database', QUEUE_PARAMETERS, TABLE_PARAMETERS]);
  });

  it('has a step that runs another again on nodes with that step only', () => {
    for (const props of ALL_STEPS) {
      const steps = bootSteps(props);
      for (const step of steps) {
        const scripts = LATER[step]?.map(program) ?? [join(BOOT_DIRECTORY, 'steps', `${step}.sh`)];
        const text = scripts.map((path) => readFileSync(path, 'utf8')).join('\n');
        const again = [...text.matchAll(/\$BOOT\/steps\/([a-z]+)\.sh/g)].map(([, name]) => name);
        expect(steps).toEqual(expect.arrayContaining(again));
      }
    }
  });

  it('has whatever a node is replaced for among what it reads', () => {
    for (const role of ROLES) {
      const { names, open } = parameterReads(
        role,
        bootSteps({ role, localDatabase: true, cluster: true, reports: true }),
      );
      const told = (name: string): boolean =>
        names.includes(name) || open.some((topic) => name.startsWith(`${topic}/`));
      const all = [
        ...NODE_PARAMETERS,
        'queues/mail',
        'tables/events',
        'database/billing/endpoint',
        'logs/app',
        'logs/worker',
        'logs/mover',
      ];
      expect(all.filter((name) => isReadAtBoot(role, name) && !told(name))).toEqual([]);
    }
  });
});

describe('what a node reads', () => {
  it('of a web node is whom it asks, and nothing of any database', () => {
    const { closed, open, asked } = parameterReads('web', bootSteps({ role: 'web', pressure: true, reports: true }));
    expect({ closed, open, asked }).toEqual({ closed: ['ingress', 'logs'], open: [], asked: ['pressure'] });
  });

  it('of a box is the same with a database of its own and without', () => {
    const of = (localDatabase: boolean) => parameterReads('box', bootSteps({ role: 'box', localDatabase }));
    expect(of(true)).toEqual(of(false));
  });

  it('costs few calls: ten names in each, and one for each topic of many names', () => {
    const node = machine({ role: 'app', steps: bootSteps({ role: 'app', deployed: true, reports: true }) });
    node.parameters({ 'release/uri': 'none' });
    node.write('read.sh', `source "$BEAMSTALK_ROOT/opt/beamstalk/boot/lib.sh"\nread_parameters`);
    expect(node.bash(['read.sh'])).toEqual({ status: 0, output: '' });
    const calls = node.callsOf('aws').map((call) => call.split(' ')[2]);
    expect(calls.filter((call) => call === 'get-parameters')).toHaveLength(4);
    expect(calls.filter((call) => call === 'get-parameters-by-path')).toHaveLength(3);
    expect(calls).toHaveLength(7);
  });

  it('ends a step that asks for anything else', () => {
    const node = machine({ role: 'web', steps: ['proxy'] });
    node.parameters({ 'database/endpoint': 'db.test' });
    for (const [index, line] of ['parameter database/endpoint none', 'names_below database endpoint'].entries()) {
      const name = `ask-${index}.sh`;
      node.write(
        name,
        `source "$BEAMSTALK_ROOT/opt/beamstalk/boot/lib.sh"\nbegin_step\nfound=$(${line})\necho "$found"`,
      );
      expect(node.bash([basename(name)]).status).toBe(1);
      expect(node.read('run/beamstalk/reason')).toMatch(
        /^parameter \/beamstalk\/dev\/database\/(endpoint)? is none that a web node with these steps reads\n$/,
      );
    }
  });

  it('fails the boot when one of its calls is refused', () => {
    const node = machine({ role: 'app', steps: ['fetch', 'release'] });
    node.answer('aws', `case "$*" in *'/queues/ '*) exit 254 ;; 'ssm '*) echo '[]' ;; esac`);
    expect(node.boot().output).toContain(
      'boot failed at step parameters: the parameters under /beamstalk/dev/ cannot be read',
    );
  });
});
