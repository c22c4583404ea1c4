import { describe, expect, test } from 'vitest';
import {
  asAdministrator,
  asApplication,
  postgres,
  prepare,
  rotate,
  useCredentials,
} from '../../test/peers/credentials-bench';
import { MASTER } from '../../test/peers/postgres';

useCredentials();

describe('an application that means to become the administrator', () => {
  test('makes what fits better than what the function calls, and none of it runs', async () => {
    await prepare();
    const heard = async (before: number): Promise<string> => postgres.log().slice(before);
    // A first round tells by the server's log, which has every statement, what is called.
    const start = postgres.log().length;
    await prepare('Update');
    await rotate();
    const called = new Set([...(await heard(start)).matchAll(/\b([a-z][a-z_0-9]*)\s*\(/g)].map(([, name]) => name));
    const names = (await postgres.sql('select distinct proname from pg_catalog.pg_proc')).map((row) => row['proname']);
    const used = names.filter((name): name is string => called.has(String(name)));
    expect(used).toEqual(expect.arrayContaining(['pg_advisory_lock', 'quote_ident', 'current_database', 'count']));
    await asApplication((client) => client.query(hostileNamesakes(used)));
    const [made] = await postgres.sql(`select count(*)::int as functions from pg_catalog.pg_proc p
      where pronamespace = 'public'::regnamespace`);
    expect(made?.['functions']).toBeGreaterThan(used.length * 5);
    const before = await passwordOf(MASTER.username);
    const ran = postgres.log().length;
    await prepare('Update');
    await rotate();
    await rotate();
    expect(await heard(ran)).not.toContain('stolen');
    expect(await passwordOf(MASTER.username)).toBe(before);
    await asAdministrator((client) => client.query('select 1'));
  });

  /** Verifier that the server keeps of a password. */
  async function passwordOf(role: string): Promise<unknown> {
    return (await postgres.sql(`select rolpassword from pg_authid where rolname = '${role}'`))[0]?.['rolpassword'];
  }

  /** Functions of these names, and operators, for arguments of every common type; relations that catalogues bear too. */
  function hostileNamesakes(functions: readonly string[]): string {
    const types = ['text', 'name', 'varchar', 'integer', 'bigint', 'numeric', 'oid', 'inet', 'anyelement'];
    const list = (all: readonly string[]): string => `array[${all.map((one) => `'${one}'`).join(', ')}]`;
    return `set search_path = pg_catalog;
      do $do$
      declare f text; t text; n integer; o text; u text;
        theft text := $theft$ begin raise warning 'stolen'; alter role current_user password 'stolen'; return null; end $theft$;
      begin
        foreach f in array ${list(functions)} loop
          execute format('create function public.%I() returns text language plpgsql as %L', f, theft);
          foreach t in array ${list(types)} loop
            for n in 1..3 loop
              execute format('create function public.%I(%s) returns %s language plpgsql as %L', f,
                array_to_string(array_fill(t, array[n]), ', '), case t when 'anyelement' then t else 'text' end, theft);
            end loop;
          end loop;
        end loop;
        foreach t in array ${list(types.slice(0, -1))} loop
          foreach u in array ${list(types.slice(0, -1))} loop
            execute format('create function public.equal_theft(%s, %s) returns boolean language plpgsql as %L', t, u, theft);
            foreach o in array array['=', '<>', '!~', '<', '-'] loop
              execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.equal_theft)', o, t, u);
            end loop;
          end loop;
        end loop;
        foreach t in array array['pg_roles', 'pg_namespace', 'pg_stat_activity', 'pg_stat_replication', 'pg_class'] loop
          execute format('create view public.%I as select 1 as oid', t);
        end loop;
      end $do$`;
  }
});
