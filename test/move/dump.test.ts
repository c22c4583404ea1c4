import { expect, test } from 'vitest';
import { entriesOf } from '../../lib/move/schema/dump';

const LIST = ';\n; Archive\n;\n10; 1259 100 TABLE public a owner\n11; 0 0 COMMENT public TABLE a owner\n';

function head(id: number, object: string, needs: string, name: string, type: string): string {
  return `--\n-- TOC entry ${id} (class ${object})\n${needs}-- Name: ${name}; Type: ${type}; Schema: public; Owner: -\n-- Data Pos: 0\n--\n\n`;
}

const TABLE = head(10, '1259 OID 100', '', 'a', 'TABLE');
const COMMENT = head(11, '0 OID 0', '-- Dependencies: 10\n', 'TABLE a', 'COMMENT');
const END = '\n\n-- Completed on X\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict KEY\n';
const START = '--\n-- PostgreSQL database dump\n--\n\n\\restrict KEY\n\nSET row_security = off;\n\n';

test('a script is cut into its entries, without commands of psql', () => {
  const entries = entriesOf(LIST, `${START}${TABLE}create table a ();\n\n${COMMENT}comment on a is 'x';\n${END}`);
  expect(entries).toMatchObject([
    { id: 10, object: '1259:100', type: 'TABLE', label: 'TABLE public.a', needs: [] },
    { id: 11, object: undefined, type: 'COMMENT', label: 'COMMENT public.TABLE a', needs: [10] },
  ]);
  expect(entries.map(({ sql }) => sql).join('')).not.toMatch(/^\\/m);
});

test('text that looks like an entry stays text, character for character', () => {
  const text = `'\n${head(12, '1255 OID 7', '', 'f', 'FUNCTION')}  \\! id\n'`;
  const entries = entriesOf(LIST, `${START}${TABLE}comment on a is ${text};\n${END}`);
  expect(entries).toHaveLength(1);
  expect(entries[0]?.sql).toContain(`comment on a is ${text};`);
});

test('text that looks like an entry of this dump is refused', () => {
  const script = `${START}${TABLE}comment on a is '\n${COMMENT}';\n${COMMENT}comment on a is 'x';\n${END}`;
  expect(() => entriesOf(LIST, script)).toThrow('looks like a part of a dump');
  expect(() => entriesOf(LIST, `${START}${TABLE}a '\n${TABLE}';\n${END}`)).toThrow(
    'the text of TABLE public.a looks like',
  );
});

test('namesakes have labels of their own', () => {
  const again = COMMENT.replace('TOC entry 11', 'TOC entry 12');
  const entries = entriesOf(
    `${LIST}12; 0 0 COMMENT public TABLE a owner\n`,
    `${START}${COMMENT}a;\n${again}b;\n${END}`,
  );
  expect(entries.map(({ label }) => label)).toEqual(['COMMENT public.TABLE a', 'COMMENT public.TABLE a #2']);
});

test('another script than that of pg_restore is refused', () => {
  expect(entriesOf(LIST, `${START}${END}`)).toEqual([]);
  expect(() => entriesOf(LIST, `--\n-- TOC entry 10 (class 1 OID 2)\nselect 1;${END}`)).toThrow('cannot be read');
});
