import type { NodeRole } from '../../lib/node/blueprint';

export interface TopicsRead {
  readonly topics: readonly string[];
  /** Scripts of `files/bin` that it runs or has run, by their file names. */
  readonly scripts: readonly string[];
  /** Units that it installs. */
  readonly units: readonly string[];
  /** Libraries of the steps that it reads in, beside what all scripts share. */
  readonly libraries: readonly string[];
}

/** Reads a script, or a unit, for what it asks of Parameter Store on a node of a role, and what it hands over to. */
export function topicsRead(text: string, role: NodeRole): TopicsRead {
  const lines = linesFor(text, role).join('\n');
  const all = (expression: RegExp): string[] => [...lines.matchAll(expression)].map(([, found = '']) => found);
  return {
    topics: [
      ...all(/(?:\bparameter|_parameter|parameter_like [a-z-]+|set_from "?[\w${^}]+"?) "?([a-z-]+)\//g),
      ...all(/\bnames_below ([a-z-]+)/g),
    ],
    scripts: all(/files\/bin\/([a-z-]+\.sh)/g),
    units: all(/install_unit (beamstalk[a-z-]*\.service)/g),
    libraries: all(/\bsource "\$BOOT\/([a-z-]+\.sh)"/g),
  };
}

/** Block of a script: gone through, left out for another role, or undefined where more than the role decides. */
interface Block {
  readonly entered: boolean | undefined;
  /** True where a branch before this one is sure to have been taken. */
  readonly over: boolean;
}

/** Lines without comments, and without what is behind a question for another role. */
function linesFor(text: string, role: NodeRole): readonly string[] {
  const open: Block[] = [];
  const commands = text.replace(/\\\n\s*/g, ' ').split('\n');
  const lines = commands.filter((line) => {
    const words = line.trim();
    if (words.startsWith('#')) return false;
    if (/^(if|while|until|for) .*; (then|do)$|^case .* in$/.test(words)) {
      open.push({ entered: answer(words, role), over: false });
    } else if (/^(elif .*; then|else)$/.test(words)) {
      const before = open.pop();
      const over = before?.over === true || before?.entered === true;
      open.push({ entered: over ? false : answer(words, role), over });
    } else if (/^(fi|done|esac)\b/.test(words)) open.pop();
    return open.every(({ entered }) => entered !== false);
  });
  if (open.length > 0) throw new Error('a block of the script has no end that is known here');
  return lines;
}

/** The answer to a question for the role of the node, alone or with others; undefined for every other question. */
function answer(words: string, role: NodeRole): boolean | undefined {
  const [, comparison, of, others] = /^(?:if|elif) \[\[ "\$ROLE" (==|!=) (\w+)( && .*)? \]\]; then$/.exec(words) ?? [];
  if (comparison === undefined) return undefined;
  const same = (of === role) === (comparison === '==');
  return same && others !== undefined ? undefined : same;
}
