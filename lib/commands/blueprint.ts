import { familiesOf, type NodeFamily, ratiosNotHeld } from '../architecture/families';
import { architectureOf, PHASES } from '../architecture/phases';
import { type ConfigurationSource, readConfiguration } from '../config/configuration';
import { inWordsOfFlags } from './in-words-of-flags';

/**
 * Says of each phase which node families there are: what they run, how many there are for how many of the others, what they
 * may lose and where they shed load.
 *
 * @throws ConfigurationError when the configuration is not sound.
 */
export function blueprint({ context, directory }: ConfigurationSource): string {
  return PHASES.map(({ number, name }) => {
    const read = () => readConfiguration({ context: { ...context, phase: number }, directory });
    const families = familiesOf(architectureOf(inWordsOfFlags(read)));
    const notHeld = ratiosNotHeld(families).map((line) => `  not held: ${line}\n`);
    return `phase ${number}, ${name}\n${[...families.map(inWords), ...notHeld].join('')}`;
  }).join('\n');
}

function inWords({ plan, runs, ratio, mayLose, lost, sheds }: NodeFamily): string {
  const { role, minNodes, maxNodes, instanceType } = plan;
  const nodes = minNodes === maxNodes ? `${minNodes}` : `${minNodes} to ${maxNodes}`;
  return [
    `  ${role}: ${nodes} x ${instanceType.name}`,
    `    runs      ${runs}`,
    ...(ratio === undefined ? [] : [`    how many  ${ratio.says}`]),
    `    may lose  ${mayLose} of ${minNodes}; lost is ${lost}`,
    `    sheds     ${sheds}`,
    '',
  ].join('\n');
}
