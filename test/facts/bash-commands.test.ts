import { describe, expect, test } from 'vitest';
import { commandsIn } from './bash-commands';

describe('commands of a script', () => {
  test.each<[string, string, string[]]>([
    ['in a row', 'a; b && c || d | e\nf', ['a', 'b', 'c', 'd', 'e', 'f']],
    [
      'after keywords',
      'if a; then b; else c; fi\nwhile ! d; do e; done',
      ['a', 'b', 'c', 'd', 'do', 'done', 'e', 'else', 'fi', 'if', 'then', 'while'],
    ],
    ['after assignments', 'X=1 Y="a b" a b c', ['a']],
    ['in substitutions, also in quotes', 'a "$(b "$(c d)")" <(e) $((f + $(g)))', ['a', 'b', 'c', 'e', 'g']],
    ['in groups and subshells', '{ a; }\n(umask 022 && b)', ['a', 'umask', 'b']],
    [
      'given to others',
      'timeout 5 a\nrunuser -u x -- b c\nwait_for 9 d',
      ['a', 'b', 'd', 'timeout', 'runuser', 'wait_for'],
    ],
    ['in cases', 'case x in\n  a | b) c ;;\n  *) d ;;\nesac', ['c', 'case', 'd', 'esac']],
    ['not in text', `a 'b; c' "d; e" # f; g\nh << X\ni; j\nX\nk`, ['a', 'h', 'k']],
    ['not in conditions, arithmetic and arrays', '[[ a && b ]]\n((c = d))\ne=(f g)\nh', ['h']],
    ['by path', '"$POSTGRES_BIN/initdb" -D x', ['initdb']],
    ['over lines', 'a \\\n  b', ['a']],
  ])('%s', (_, script, expected) => {
    expect(commandsIn(script)).toEqual([...expected].sort());
  });
});
