%%% Joins the nodes of a fleet, and keeps them joined: one process of a release, started last in its supervision tree, so that
%%% a node leaves its peers before it lets go of its users.
%%%
%%% It looks for instances at a slow pace (beamstalk_fleet), and tries those that are not joined at a quick one, which costs
%%% AWS nothing: a node that was away joins again without AWS. It cuts no connection because of an answer of AWS.
-module(beamstalk_peers).
-behaviour(gen_server).
-include_lib("kernel/include/logger.hrl").
-export([start_link/1, child_spec/1, status/0, leave/0]).
-export([init/1, handle_call/3, handle_cast/2, handle_info/2, terminate/2]).

%% `connect` joins one node, and says whether it did; by default as the node does itself. The rest: beamstalk_fleet.
-type options() :: #{connect => fun((node()) -> boolean() | ignored), tag => {string(), string()},
                     target_groups => [string()]}.

%% Pauses between two attempts to join, for who is not there: from the first to the second, twice as long each time.
-define(FIRST_MS, 500).
-define(LAST_MS, 10000).
%% Time for peers to hear that this node leaves.
-define(WORD_MS, 1000).
%% Seconds after which a node that left and said no more is tried again.
-define(LEFT_SECONDS, 600).

-spec start_link(options()) -> {ok, pid()} | ignore | {error, term()}.
start_link(Options) -> gen_server:start_link({local, ?MODULE}, ?MODULE, Options, []).

child_spec(Options) -> #{id => ?MODULE, start => {?MODULE, start_link, [Options]}, shutdown => 5000}.

%% For whoever operates the node: `found` by the last look, `missing` of them, `left` by their own word, `failures` of looks
%% in a row.
-spec status() -> #{atom() => term()}.
status() -> gen_server:call(?MODULE, status).

%% Leaves the peers for good, and returns when it has. The end of the process does it too.
-spec leave() -> ok.
leave() -> gen_server:call(?MODULE, leave, 3 * ?WORD_MS).

init(Options) ->
    case is_alive() of
        true ->
            process_flag(trap_exit, true),
            ok = net_kernel:monitor_nodes(true, #{node_type => visible}),
            self() ! look,
            {ok, #{fleet => beamstalk_fleet:new(Options), found => [], failures => 0, told => none,
                   connect => maps:get(connect, Options, fun net_kernel:connect_node/1),
                   left => #{}, at_work => #{}, pause => ?FIRST_MS, timer => make_ref(), leaving => false}};
        false -> ignore
    end.

handle_call(status, _From, State) ->
    #{found := Found, left := Left, failures := Failures, leaving := Leaving} = State,
    {reply, #{found => Found, missing => missing(State), left => maps:keys(Left), failures => Failures,
              leaving => Leaving}, State};
handle_call(leave, _From, State) ->
    say_and_cut(),
    {reply, ok, State#{leaving := true}};
%% A peer leaves, and waits for this word before it goes.
handle_call({leaves, Node}, _From, #{left := Left} = State) ->
    {reply, ok, State#{left := Left#{Node => erlang:monotonic_time(second)}}}.

handle_cast(_, State) -> {noreply, State}.

handle_info(look, #{leaving := true} = State) -> {noreply, State};
handle_info(look, #{fleet := Fleet} = State) ->
    {noreply, work(look, fun() -> beamstalk_fleet:find(Fleet) end, State)};
handle_info(join, #{leaving := true} = State) -> {noreply, State};
handle_info(join, State) -> {noreply, join(State)};
handle_info({nodeup, Node, _}, #{leaving := true} = State) ->
    ?LOG_NOTICE("peers: ~ts came, and is told that this node leaves", [Node]),
    spawn(fun say_and_cut/0),
    {noreply, State};
handle_info({nodeup, Node, _}, #{left := Left} = State) ->
    ?LOG_NOTICE("peers: ~ts has joined", [Node]),
    {noreply, soon(State#{left := maps:remove(Node, Left)})};
handle_info({nodedown, Node, _}, #{left := Left} = State) ->
    ?LOG_NOTICE("peers: ~ts ~ts", [Node, case Left of #{Node := _} -> "has left"; _ -> "is lost" end]),
    {noreply, soon(State)};
handle_info({'DOWN', Ref, process, _, Reason}, #{at_work := AtWork} = State) when is_map_key(Ref, AtWork) ->
    {Work, Others} = maps:take(Ref, AtWork),
    {noreply, done(Work, Reason, State#{at_work := Others})};
handle_info(_, State) -> {noreply, State}.

terminate(_Reason, _State) -> say_and_cut().

%% Does something in a process of its own, so that this one hears of peers meanwhile; its end brings the result.
work(Work, Fun, #{at_work := AtWork} = State) ->
    {_, Ref} = spawn_monitor(fun() -> exit({done, Fun()}) end),
    State#{at_work := AtWork#{Ref => Work}}.

done(look, {done, {Result, Fleet}}, State) -> looked(Result, State#{fleet := Fleet});
done(look, Reason, State) -> looked({error, {crash, Reason}}, State);
done({join, _}, _, State) -> State.

looked({ok, Addresses}, #{found := Before, told := Told, left := Left} = State) ->
    Found = lists:usort([named(Address) || Address <- Addresses]) -- [node()],
    Told =:= none orelse ?LOG_NOTICE("peers: looks again, ~b found", [length(Found)]),
    After = next_look(State#{found := Found, left := maps:with(Found, Left), failures := 0, told := none}),
    case Found of Before -> join(After); _ -> soon(After) end;
looked({error, Reason}, #{failures := Failures, told := Told} = State) ->
    %% Once for each kind of trouble; throttling is none before the third time in a row.
    Kind = element(1, Reason),
    Tell = Kind =/= Told andalso (Failures >= 2 orelse not beamstalk_fleet:passing(Reason)),
    Tell andalso ?LOG_WARNING("peers: cannot look: ~ts", [in_words(Reason)]),
    next_look(State#{failures := Failures + 1, told := case Tell of true -> Kind; false -> Told end}).

in_words({Code, Message}) when is_list(Code) -> [Code, " ", Message];
in_words(Reason) -> io_lib:format("~0tp", [Reason]).

next_look(#{failures := Failures, found := Found} = State) ->
    Nodes = case Found of [] when Failures > 0 -> 0; _ -> length(Found) + 1 end,
    erlang:send_after(beamstalk_fleet:pause(Failures, Nodes, rand:uniform()), self(), look),
    State.

%% Nodes of a fleet have one name, and each its own address.
named(Address) ->
    [Name, _] = string:split(atom_to_list(node()), "@"),
    list_to_atom(Name ++ "@" ++ Address).

join(#{connect := Connect, at_work := AtWork, timer := Timer, pause := Pause} = State) ->
    _ = erlang:cancel_timer(Timer),
    Busy = [Node || {join, Node} <- maps:values(AtWork)],
    case missing(State) of
        [] -> State;
        Missing ->
            Next = erlang:send_after(round(Pause * (0.75 + 0.5 * rand:uniform())), self(), join),
            lists:foldl(fun(Node, Last) -> work({join, Node}, fun() -> Connect(Node) end, Last) end,
                        State#{timer := Next, pause := min(2 * Pause, ?LAST_MS)}, Missing -- Busy)
    end.

soon(State) -> join(State#{pause := ?FIRST_MS}).

missing(#{found := Found, left := Left}) ->
    Since = erlang:monotonic_time(second) - ?LEFT_SECONDS,
    Found -- (nodes() ++ [Node || {Node, At} <- maps:to_list(Left), At > Since]).

%% Peers are told first, or they would come back at once. `global` leaves without making the others suspect each other,
%% which they do of connections that end one by one (prevent_overlapping_partitions).
%% Source: https://www.erlang.org/doc/apps/kernel/global.html#disconnect/0, read 2026-11-30.
say_and_cut() ->
    _ = gen_server:multi_call(nodes(), ?MODULE, {leaves, node()}, ?WORD_MS),
    _ = global:disconnect(),
    _ = [erlang:disconnect_node(Node) || Node <- nodes()],
    ok.
