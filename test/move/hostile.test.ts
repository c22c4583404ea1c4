import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS, type Move } from '../../lib/move/move';
import { finish, start, switchOver } from '../../lib/move/mover';
import { programs } from './machine';
import { type Server, startServer } from './servers';

/**
 * What an application can leave for whoever works in its database with more rights than its own: things that run when rows
 * are written, indexes are built, rows become text or statistics are gathered, and functions and operators that fit a call
 * better than PostgreSQL's own when no schema is named.
 */
const HOSTILE = `
create function theft() returns boolean language plpgsql as $$ begin
  if session_user = 'app' then return true; end if;
  begin execute 'set role none'; exception when others then null; end;
  begin execute format('alter role %I password ''stolen''', session_user); exception when others then null; end;
  begin execute 'alter role app createrole'; exception when others then null; end;
  begin execute 'grant beamstalk to app'; exception when others then null; end;
  return true; end $$;
create function checked(integer) returns boolean language plpgsql immutable as $$ begin return public.theft(); end $$;
create function indexed(integer) returns integer language plpgsql immutable as $$ begin perform public.theft(); return $1; end $$;
create function fired() returns trigger language plpgsql as $$ begin perform public.theft(); return new; end $$;
create table notes (
  id integer primary key default 1 check (checked(1)),
  body text,
  twice integer generated always as (indexed(1)) stored
);
create index on notes (indexed(id));
create trigger fired before insert or update on notes for each row execute function fired();
create materialized view noted as select id, checked(id) from notes;
create function quote_ident(name) returns text language plpgsql as $$ begin perform public.theft(); return $1::text; end $$;
create function format(text, name, name) returns text language plpgsql as $$ begin perform public.theft(); return $1; end $$;
create function setval(regclass, bigint, boolean) returns bigint language plpgsql as $$ begin perform public.theft(); return $2; end $$;
create function equals(name, text) returns boolean language plpgsql as $$ begin return public.theft(); end $$;
create operator = (leftarg = name, rightarg = text, function = equals);
insert into notes (id, body) select n, 'note ' || n from generate_series(1, 50) n;`;

let source: Server;
let target: Server;
beforeAll(async () => {
  source = await startServer({ number: 5, title: 'the hostile one' });
  target = await startServer({ number: 6, title: 'the next one' });
  await source.sql(`set session authorization app; set role app_owner; ${HOSTILE}`);
});
afterAll(() => Promise.all([source.remove(), target.remove()]));

const ROLES = 'select rolname::text, rolcreaterole, rolpassword from pg_authid where rolcanlogin order by rolname';
const MEMBERS = 'select member::regrole::text, roleid::regrole::text as of from pg_auth_members order by 1, 2';

async function rights(server: Server): Promise<unknown> {
  return [await server.sql(ROLES), await server.sql(MEMBERS)];
}

describe('moving a database whose application is hostile', () => {
  test('gives it the rows, and no right of the administrator', async () => {
    const before = [await rights(source), await rights(target)];
    const move: Move = {
      ...{ id: 'hostile', tables: 'all', source: source.side, target: target.side, programs: programs() },
      ...{ limits: DEFAULT_LIMITS, accepted: [], announce: () => Promise.resolve(), report: () => undefined },
    };
    await start(move);
    await source.sql(`set session authorization app; set role app_owner; insert into notes values (100, 'late')`);
    const { verification } = await switchOver(move);
    expect(verification).toMatchObject({ equal: true, rows: 51 });
    await finish(move);
    expect(await target.sql('select count(*)::int as rows from notes')).toEqual([{ rows: 51 }]);
    expect([await rights(source), await rights(target)]).toEqual(before);
  });

  test('which whoever works there as the administrator does lose: what was planted works', async () => {
    const before = await rights(target);
    await target.sql(`set session authorization beamstalk; insert into notes values (200, 'by the administrator')`);
    expect(await rights(target)).not.toEqual(before);
  });
});
