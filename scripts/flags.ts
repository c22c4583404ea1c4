import { parseArgs } from 'node:util';

/** The flags that a command line has. Anything else on it is a mistake, and ends the program: a gate would pass without what it asked for. */
export function flagsOf(program: string, args: readonly string[], flags: readonly string[]): ReadonlySet<string> {
  try {
    const options = Object.fromEntries(flags.map((name) => [name, { type: 'boolean' as const }]));
    return new Set(Object.keys(parseArgs({ args: [...args], options }).values));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    // Node's own message goes on about positional arguments after its first sentence.
    const [sentence = ''] = error.message.split('. ');
    console.error(`${program}: ${sentence}; allowed: ${flags.map((name) => `--${name}`).join(', ') || 'no arguments'}`);
    process.exit(2);
  }
}
