import { type Command, InvalidArgumentError, Option } from 'commander';
import { collect, type Settings } from '../arguments';
import type { SizeProps } from '../size';
import { fileName } from '../written-file';
import { TRAFFIC } from './traffic-flags';

type Options = Readonly<Partial<Record<(typeof TRAFFIC)[number][0], string>>> & {
  readonly env: string;
  readonly set: Settings;
  readonly headroom: number;
  readonly survive?: 'zone';
  readonly ingress?: 'http' | 'sockets';
  readonly steps?: string;
  readonly write?: string;
  readonly json?: true;
};

/** Adds `beamstalk size`: docs/capacity.md. */
export function addSizeCommand(program: Command, place: { readonly directory: string }): void {
  const command = program
    .command('size')
    .description('find the cheapest phase, types and counts that carry a traffic')
    .option('--env <environment>', 'the environment whose other settings stay', 'dev');
  for (const [flag, key, description] of TRAFFIC) command.option(`--${flag} <number>`, `${description} (${key})`);
  command
    .option('--headroom <per cent>', 'share of every ceiling that stays free', percent, 30)
    .addOption(new Option('--survive <event>', 'an event in which all of it is still carried').choices(['zone']))
    .addOption(new Option('--ingress <kind>', 'left out, the cheaper').choices(['http', 'sockets']))
    .option('--steps <file>', 'a load test of one node, in JSON: docs/capacity.md')
    .option('--set <key=value>', 'another setting, as with --context; repeatable', collect, {})
    .option('--write <file>', 'write a configuration that `cdk synth` accepts', fileName)
    .option('--json', 'print the answer for machines')
    .addHelpText(
      'after',
      `
Numbers may be written as 1e9. What is not said is what config/<env>.json says.

Examples:
  beamstalk size --connections 250000 --reads 1e9 --writes 1e7
  beamstalk size --env prod --requests 1e9 --survive zone --write config/next.json

Exit codes: 0 done; 1 bad configuration, no size carries it, or the file cannot be written; 2 misuse.`,
    )
    .action(async (options: Options) => {
      const { size } = await import('../size');
      const settings: Record<string, string> = { ...options.set };
      for (const [flag, key] of TRAFFIC) {
        const value = options[flag];
        if (value !== undefined && Object.hasOwn(settings, key)) command.error(`error: ${key} is set by --${flag} too`);
        if (value !== undefined) settings[key] = value;
      }
      const { env: environment, headroom, survive, ingress, steps, write, json } = options;
      const props: SizeProps = {
        ...{ environment, settings, headroom: headroom / 100, survivesZone: survive === 'zone', ...place },
        ...(ingress !== undefined && { ingress }),
        ...(steps !== undefined && { steps }),
        ...(write !== undefined && { write }),
        format: json ? 'json' : 'text',
      };
      const { output, exitCode } = size(props);
      process.stdout.write(output);
      process.exitCode = exitCode;
    });
}

function percent(text: string): number {
  const value = Number(text);
  if (!/^\d{1,2}(\.\d+)?$/.test(text) || value > 90) throw new InvalidArgumentError('Write a number from 0 to 90.');
  return value;
}
