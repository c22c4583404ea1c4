%% The router of lib/sharding for the BEAM: key -> logical shard -> cluster. Pure functions over a map in hand; who reads
%% the table (any DynamoDB client), polls its head and keeps the map, for example in persistent_term, is the release's
%% own. lib/sharding/README.md has the rules, test/sharding/vectors.json what this must answer.
-module(beamstalk_router).

-export([logical_shard/2, new/3, to_read/2, with_changes/2, version/1, route/2, route_for_write/4]).
-export_type([shard_map/0, record/0, change/0, route/0]).

%% One logical shard, as the items `shard#...` of the table have it. `target` is there while it moves.
-type record() :: #{
    shard := non_neg_integer(),
    state := active | moving | frozen,
    cluster := non_neg_integer(),
    target => non_neg_integer(),
    epoch := pos_integer(),
    version := pos_integer()
}.
%% A change as the log `change#...` keeps it; those of clusters have no `shard`.
-type change() :: #{version := pos_integer(), shard => record()}.
-type route() :: #{
    shard := non_neg_integer(),
    cluster := non_neg_integer(),
    epoch := pos_integer(),
    writable := boolean()
}.
-opaque shard_map() :: #{
    version := pos_integer(),
    logical_shards := pos_integer(),
    shards := #{non_neg_integer() => record()}
}.

%% The first 64 bits of the key's SHA-256, as a fraction of 2^64, times the number of logical shards.
-spec logical_shard(iodata(), pos_integer()) -> non_neg_integer().
logical_shard(Key, LogicalShards) when is_integer(LogicalShards), LogicalShards > 0 ->
    <<Hash:64, _/binary>> = crypto:hash(sha256, Key),
    (Hash * LogicalShards) bsr 64.

%% A map from its head and all its records.
-spec new(pos_integer(), pos_integer(), [record()]) -> shard_map().
new(Version, LogicalShards, Records) when length(Records) =:= LogicalShards ->
    Shards = maps:from_list([{Shard, Record} || #{shard := Shard} = Record <- Records]),
    LogicalShards = maps:size(Shards),
    #{version => Version, logical_shards => LogicalShards, shards => Shards}.

%% What to read when the table's head has this version: the changes above one that is known, as far as the log has all of
%% them, or everything. A version that has gone back says that the table was restored: what came after has not happened,
%% and its versions are given out once more.
-spec to_read(shard_map(), pos_integer()) -> nothing | {changes_after, pos_integer()} | whole_map.
to_read(#{version := Version}, Head) when Head =:= Version ->
    nothing;
to_read(#{version := Version}, Head) when Head > Version ->
    {changes_after, Version};
to_read(_Map, _Head) ->
    whole_map.

%% The map after some changes, in any order and any number of times: a record gives way to a later one only. The caller
%% sees to it that none is missing: versions follow each other without a gap, otherwise the whole map is read again.
-spec with_changes(shard_map(), [change()]) -> shard_map().
with_changes(Map, Changes) ->
    lists:foldl(fun with_change/2, Map, Changes).

with_change(#{version := At} = Change, #{version := Version, shards := Shards} = Map) ->
    Map#{version := max(At, Version), shards := with_record(maps:get(shard, Change, none), Shards)}.

with_record(none, Shards) ->
    Shards;
with_record(#{shard := Shard, version := Later} = Record, Shards) ->
    case Shards of
        #{Shard := #{version := Known}} when Known >= Later -> Shards;
        #{Shard := _} -> Shards#{Shard := Record}
    end.

-spec version(shard_map()) -> pos_integer().
version(#{version := Version}) -> Version.

%% Where a key is read.
-spec route(iodata(), shard_map()) -> route().
route(Key, #{logical_shards := LogicalShards, shards := Shards}) ->
    Shard = logical_shard(Key, LogicalShards),
    #{Shard := #{state := State, cluster := Cluster, epoch := Epoch}} = Shards,
    #{shard => Shard, cluster => Cluster, epoch => Epoch, writable => State =/= frozen}.

%% Where a key is written. `AgeMs` is the time since the last look at the map that succeeded began (monotonic time), and
%% `LeaseMs` the longest age on which writes are sent out: 10,000. The epoch goes with the write, to beamstalk_write.
-spec route_for_write(iodata(), shard_map(), non_neg_integer(), pos_integer()) ->
    {ok, route()} | {error, stale | frozen}.
route_for_write(_Key, _Map, AgeMs, LeaseMs) when AgeMs > LeaseMs ->
    {error, stale};
route_for_write(Key, Map, _AgeMs, _LeaseMs) ->
    case route(Key, Map) of
        #{writable := true} = Route -> {ok, Route};
        #{writable := false} -> {error, frozen}
    end.
