%%% Who is in the fleet of this instance: by a tag of its instances, and by the load balancer's view of them where asked.
%%%
%%% Sources, read 2026-11-30:
%%% https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html
%%% https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
%%% https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
-module(beamstalk_fleet).
-export([new/1, find/1, pause/3, passing/1]).
-export_type([fleet/0, options/0]).

-type options() :: #{tag => {Key :: string(), Value :: string()}, target_groups => [Arn :: string()]}.
-opaque fleet() :: #{tag := {string(), string()}, target_groups := [string()], aws := beamstalk_aws:aws()}.

%% Instances of a page, of 5 to 1,000. Calls with a filter and a page size come out of the larger budget of an account.
-define(PAGE, "1000").
%% States in which the load balancer sends users to a target, or is about to.
-define(SERVING, ["healthy", "initial"]).
%% Fastest pace of a node, and the slowest after errors.
-define(LEAST_MS, 10000).
-define(MOST_MS, 60000).

%% The environment of the release says who we are, unless the options do.
-spec new(options()) -> fleet().
new(Options) ->
    Aws = #{region => variable("AWS_REGION", "us-east-1"),
            metadata => variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254")},
    Name = variable("BEAMSTALK_ENVIRONMENT", "") ++ "-" ++ variable("BEAMSTALK_ROLE", ""),
    #{tag => maps:get(tag, Options, {"beamstalk:fleet", Name}),
      target_groups => maps:get(target_groups, Options, []),
      aws => beamstalk_aws:new(case variable("AWS_ENDPOINT_URL", "") of "" -> Aws; Url -> Aws#{url => Url} end)}.

variable(Name, Default) ->
    case os:getenv(Name, "") of "" -> Default; Value -> Value end.

%% Private addresses of the instances of the fleet that run or are about to; this one is among them.
-spec find(fleet()) -> {{ok, [string()]} | {error, beamstalk_aws:reason()}, fleet()}.
find(#{aws := Aws} = Fleet) ->
    {Result, After} = instances(Fleet, [], [], Aws),
    {Seen, Last} = case Result of
        {ok, Instances} -> serving(Instances, Fleet, After);
        {error, _} -> {Result, After}
    end,
    {Seen, Fleet#{aws := Last}}.

instances(#{tag := {Key, Value}} = Fleet, Next, Found, Aws) ->
    Parameters = [{"Action", "DescribeInstances"}, {"Version", "2016-11-15"}, {"MaxResults", ?PAGE},
                  {"Filter.1.Name", "tag:" ++ Key}, {"Filter.1.Value.1", Value},
                  {"Filter.2.Name", "instance-state-name"},
                  {"Filter.2.Value.1", "pending"}, {"Filter.2.Value.2", "running"} | Next],
    case beamstalk_aws:call(ec2, Parameters, Aws) of
        {{ok, Answer}, After} ->
            Items = within(["reservationSet", "item", "instancesSet", "item"], Answer),
            %% An instance about to run may have no address yet.
            All = Found ++ [{Id, Address} || Item <- Items, Id <- beamstalk_aws:texts(["instanceId"], Item),
                                             Address <- beamstalk_aws:texts(["privateIpAddress"], Item)],
            case beamstalk_aws:texts(["nextToken"], Answer) of
                [[_ | _] = Token] -> instances(Fleet, [{"NextToken", Token}], All, After);
                _ -> {{ok, All}, After}
            end;
        Error -> Error
    end.

serving(Instances, #{target_groups := []}, Aws) ->
    {{ok, [Address || {_, Address} <- Instances]}, Aws};
serving(Instances, #{target_groups := Arns}, Aws) ->
    case targets(Arns, [], Aws) of
        %% A target is an instance, or an address.
        {{ok, Targets}, After} ->
            {{ok, [Address || {Id, Address} <- Instances,
                              lists:member(Id, Targets) orelse lists:member(Address, Targets)]}, After};
        Error -> Error
    end.

targets([], Found, Aws) -> {{ok, Found}, Aws};
targets([Arn | Arns], Found, Aws) ->
    Parameters = [{"Action", "DescribeTargetHealth"}, {"Version", "2015-12-01"}, {"TargetGroupArn", Arn}],
    case beamstalk_aws:call(elasticloadbalancing, Parameters, Aws) of
        {{ok, Answer}, After} ->
            Members = within(["DescribeTargetHealthResult", "TargetHealthDescriptions", "member"], Answer),
            Serving = [Id || Member <- Members, Id <- beamstalk_aws:texts(["Target", "Id"], Member),
                             State <- beamstalk_aws:texts(["TargetHealth", "State"], Member),
                             lists:member(State, ?SERVING)],
            targets(Arns, Serving ++ Found, After);
        Error -> Error
    end.

within([], Element) -> [Element];
within([Name | Path], {_, Elements, _}) ->
    lists:append([within(Path, Element) || {Found, _, _} = Element <- Elements, Found =:= Name]).

%% Milliseconds until the next look. A fleet as a whole asks about once a second, however many nodes it has: the account has
%% 100 such calls at once and 20 a second in a region, for all that runs there. After errors each waits twice as long
%% as before, from a second for a node that knows nobody yet. By chance, so that nodes that began together part.
-spec pause(Failures :: non_neg_integer(), Nodes :: non_neg_integer(), Chance :: float()) -> pos_integer().
pause(0, Nodes, Chance) -> round(max(?LEAST_MS, Nodes * 1000) * (0.8 + 0.4 * Chance));
pause(Failures, Nodes, Chance) ->
    Pace = case Nodes of 0 -> 500; _ -> max(?LEAST_MS, Nodes * 1000) end,
    Longest = max(Pace, min(?MOST_MS, Pace bsl min(Failures, 10))),
    round(Longest * (0.5 + 0.5 * Chance)).

%% True for an error that passes by itself: AWS asks to come later, or is not there just now.
-spec passing(beamstalk_aws:reason()) -> boolean().
passing({connection, _}) -> true;
passing({Code, _}) ->
    is_list(Code) andalso
        (lists:prefix("status 5", Code) orelse
         lists:member(Code, ["RequestLimitExceeded", "Throttling", "ThrottlingException", "status 429",
                             "InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable"])).
