/** Where a construct of bash ends that holds no command word itself, by how it begins. The longest comes first. */
const SKIPPED: readonly (readonly [begins: string, ends: string])[] = [
  ['$((', '))'],
  ['((', '))'],
  ['[[', ']]'],
  ['${', '}'],
  ['=(', ')'],
];

/** Cuts a script into command texts: quoted words become `Q`, and what is substituted is a text of its own. */
function textsOf(script: string): string[] {
  const texts: string[] = [];
  let at = 0;
  const startsWith = (token: string): boolean => script.startsWith(token, at);

  /** Reads up to `end`, and whatever is in between; gives the text without quotes and substitutions. */
  function read(end: string | undefined, quoted: boolean): string {
    let out = '';
    let hereDocument: string | undefined;
    while (at < script.length) {
      if (end !== undefined && startsWith(end)) {
        at += end.length;
        return out;
      }
      const char = script[at] ?? '';
      const skipped = quoted ? SKIPPED.filter(([begins]) => begins.startsWith('$')) : SKIPPED;
      const [begins, ends] = skipped.find(([token]) => startsWith(token)) ?? [];
      if (char === '\\') {
        at += 2;
        out += script[at - 1] === '\n' ? ' ' : 'Q';
      } else if (begins !== undefined) {
        at += begins.length;
        // In arithmetic, conditions and expansions there are no command words, but there may be substitutions.
        read(ends, false);
        out += begins === '=(' ? '=Q' : ' Q ';
      } else if (startsWith('$(') || (!quoted && (startsWith('<(') || startsWith('>(')))) {
        at += 2;
        texts.push(read(')', false));
        out += 'Q';
      } else if (char === '"') {
        at += 1;
        read('"', true);
        out += 'Q';
      } else if (!quoted && char === "'") {
        at = script.indexOf("'", at + 1) + 1;
        out += 'Q';
      } else if (!quoted && char === '#' && /(^|\s)$/.test(script.slice(0, at))) {
        at = lineEnd();
      } else if (!quoted && char === '(' && !/\w$/.test(out)) {
        at += 1;
        texts.push(read(')', false));
        out += ' Q ';
      } else {
        const here = quoted ? undefined : /^<<-?\s*['"]?(\w+)['"]?/.exec(script.slice(at, at + 40));
        if (here && !startsWith('<<<')) hereDocument = here[1];
        if (char === '\n' && hereDocument !== undefined) {
          at = script.indexOf(`\n${hereDocument}\n`, at) + hereDocument.length + 1;
          hereDocument = undefined;
        }
        out += startsWith('<<<') ? '   ' : char;
        at += startsWith('<<<') ? 3 : 1;
      }
    }
    return out;
  }
  const lineEnd = (): number => {
    const next = script.indexOf('\n', at);
    return next === -1 ? script.length : next;
  };
  texts.push(read(undefined, false));
  return texts;
}

const KEYWORDS = '(?:if|then|else|elif|do|while|until|command|exec|time)';
const POSITION = String.raw`(?<=(?:^|[|;&{!]|\b${KEYWORDS}\s)\s*)`;
const ASSIGNMENTS = String.raw`(?:[A-Za-z_]\w*\+?=\S*\s+)*`;
const WORD = String.raw`([a-z_[][\w.[-]*)(?=[\s;|&]|$)`;

/**
 * Words that stand where bash looks for a command, and those that programs are given to run: of the programs themselves,
 * functions and builtins alike. Not a parser of bash, but of how this project writes it; a word that it takes for a command by
 * mistake fails the test that asks.
 */
export function commandsIn(script: string): string[] {
  const found = textsOf(script).flatMap((text) => {
    // Patterns of `case`, alone or after `in`.
    const plain = text.replace(/^\s*[\w*?$./:\- |]+\)(?=\s|$)/gm, ';').replace(/(\sin\s+)[\w*?$./:\- |]+\)/g, '$1;');
    return [
      ...plain.matchAll(new RegExp(POSITION + ASSIGNMENTS + WORD, 'gm')),
      ...plain.matchAll(/\btimeout (?:-\S+ )*\S+ ([a-z][\w.-]*)/g),
      ...plain.matchAll(/\brunuser [^|;\n]*? -- ([a-z][\w.-]*)/g),
      ...plain.matchAll(/\bwait_for \S+ ([a-z_][\w.-]*)/g),
      ...plain.matchAll(/\bxargs (?:-\S+ (?:\d+ )?)*([a-z][\w.-]*)/g),
    ];
  });
  // By their path: where PostgreSQL is differs by image.
  const paths = script.matchAll(/\$POSTGRES_BIN\/([a-z_]+)/g);
  return [...new Set([...found, ...paths].map((match) => match[1] ?? ''))].sort();
}
