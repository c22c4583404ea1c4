import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const hasErlang =
  spawnSync('erlc', ['-help']).error === undefined && spawnSync('erl', ['-version']).error === undefined;
const root = join(import.meta.dirname, '..', '..');

/** A value of JSON as Erlang writes it: keys and states as atoms, keys to be hashed as binaries. */
function term(value: unknown, key = ''): string {
  if (Array.isArray(value)) return `[${value.map((inner) => term(inner)).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, inner]) => `'${name}' => ${term(inner, name)}`);
    return `#{${fields.join(',')}}`;
  }
  if (typeof value !== 'string') return String(value);
  return key === 'state' ? value : `<<${[...Buffer.from(value)].join(',')}>>`;
}

const CHECK = `
-module(check).
-export([main/0]).
main() ->
    {ok, [#{keys := Keys, map := #{version := V, logicalShards := L, shards := S}, routes := Routes,
            changes := Changes, 'after' := #{version := After, records := Records}}]} = file:consult("vectors.term"),
    [{K, C, N} = {K, C, beamstalk_router:logical_shard(K, binary_to_integer(atom_to_binary(C)))}
        || #{key := K, shards := Shards} <- Keys, {C, N} <- maps:to_list(Shards)],
    Map = beamstalk_router:new(V, L, S),
    [Route = (beamstalk_router:route(K, Map))#{key => K} || #{key := K} = Route <- Routes],
    Changed = beamstalk_router:with_changes(Map, Changes),
    After = beamstalk_router:version(Changed),
    nothing = beamstalk_router:to_read(Changed, After),
    {changes_after, After} = beamstalk_router:to_read(Changed, After + 2),
    whole_map = beamstalk_router:to_read(Changed, After - 1),
    %% A record is seen through a key that lies in it.
    KeyOf = maps:from_list([{Shard, K} || #{key := K, shard := Shard} <- Routes]),
    [begin
        #{cluster := Cluster, epoch := Epoch} = beamstalk_router:route(maps:get(Shard, KeyOf), Changed),
        Writes = beamstalk_router:route_for_write(maps:get(Shard, KeyOf), Changed, 0, 10000),
        case State of frozen -> {error, frozen} = Writes; _ -> {ok, _} = Writes end
     end || #{shard := Shard, state := State, cluster := Cluster, epoch := Epoch} <- Records,
            maps:is_key(Shard, KeyOf)],
    {error, stale} = beamstalk_router:route_for_write(<<"any">>, Changed, 10001, 10000),
    io:format("~b keys, ~b routes~n", [length(Keys), length(Routes)]),
    halt(0).
`;

// Needs Erlang on this machine (Debian: erlang-base, erlang-crypto).
describe.skipIf(!hasErlang)('the router in Erlang', () => {
  const folder = mkdtempSync(join(tmpdir(), 'router-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('answers the vectors', () => {
    const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'vectors.json'), 'utf8')) as { keys: unknown[] };
    writeFileSync(join(folder, 'vectors.term'), `${term(vectors)}.\n`);
    writeFileSync(join(folder, 'check.erl'), CHECK);
    const router = join(root, 'lib', 'sharding', 'erlang', 'beamstalk_router.erl');
    execFileSync('erlc', ['-Werror', '-o', folder, router], { cwd: folder, stdio: 'pipe' });
    execFileSync('erlc', ['-o', folder, 'check.erl'], { cwd: folder, stdio: 'pipe' });
    const { stdout, stderr } = spawnSync('erl', ['-noshell', '-eval', 'check:main().'], {
      cwd: folder,
      encoding: 'utf8',
      // Ends a failure that would leave the shell waiting.
      timeout: 20_000,
    });
    expect(`${stdout}${stderr}`.trim()).toBe(`${vectors.keys.length} keys, ${vectors.keys.length} routes`);
  });
});
