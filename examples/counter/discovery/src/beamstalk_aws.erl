%%% Calls of AWS's query protocol, signed with the role of this instance, by OTP's own HTTP client.
%%%
%%% Sources, read 2026-11-30:
%%% https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html (metadata, version 2)
%%% https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (Signature Version 4)
-module(beamstalk_aws).
-export([new/1, call/3, texts/2]).
-export_type([aws/0, service/0, reason/0, element/0]).

-type service() :: ec2 | elasticloadbalancing.
%% Code and message of AWS's own, or why there was no answer.
-type reason() :: {Code :: string(), Message :: string()} | {metadata | connection | answer, term()}.
%% Name, elements within, text.
-type element() :: {string(), [element()], string()}.
-type credentials() :: #{key := string(), secret := string(), token := string(), ends := integer()}.
%% `url` names one address for all services, as it does for AWS's own SDKs.
-type options() :: #{region := string(), metadata := string(), url => string()}.
-opaque aws() :: #{options := options(), credentials := credentials() | none,
                   names := #{service() => [string()]}}.

-define(ALGORITHM, "AWS4-HMAC-SHA256").
-define(ROLE, "/latest/meta-data/iam/security-credentials/").
%% AWS makes new credentials available at least five minutes before the old ones end.
-define(MARGIN_SECONDS, 300).
-define(METADATA_MS, 2000).
-define(CONNECT_MS, 3000).
-define(ANSWER_MS, 10000).
-define(PROFILE, ?MODULE).

-spec new(options()) -> aws().
new(Options) ->
    {ok, _} = application:ensure_all_started([crypto, inets, ssl]),
    case inets:start(httpc, [{profile, ?PROFILE}]) of
        {ok, _} -> ok;
        {error, {already_started, _}} -> ok
    end,
    %% A node without a way out for IPv4 reaches AWS by IPv6 alone; the client's own default asks for IPv4 alone.
    ok = httpc:set_options([{ipfamily, inet6fb4}], ?PROFILE),
    #{options => Options, credentials => none, names => #{}}.

%% One call. What comes back beside the answer holds credentials and the address that answered, for the next one.
-spec call(service(), [{string(), string()}], aws()) -> {{ok, element()} | {error, reason()}, aws()}.
call(Service, Parameters, Aws) ->
    case with_credentials(Aws) of
        {ok, Ready} -> at_names(Service, Parameters, names(Service, Ready), Ready);
        {error, Reason} -> {{error, {metadata, Reason}}, Aws}
    end.

%% Texts of the elements at a path below an element.
-spec texts([string()], element()) -> [string()].
texts([], {_, _, Text}) -> [Text];
texts([Name | Path], {_, Within, _}) ->
    lists:append([texts(Path, Element) || {Found, _, _} = Element <- Within, Found =:= Name]).

%% Addresses of a service: the plain one, and the one for IPv6 too, which not every region and service has.
names(Service, #{names := Names, options := #{region := Region} = Options}) ->
    case {Names, Options} of
        {#{Service := Known}, _} -> Known;
        {_, #{url := Url}} -> [string:trim(Url, trailing, "/")];
        _ ->
            Label = atom_to_list(Service) ++ "." ++ Region,
            case lists:prefix("cn-", Region) of
                true -> ["https://" ++ Label ++ ".amazonaws.com.cn"];
                false -> ["https://" ++ Label ++ ".amazonaws.com", "https://" ++ Label ++ ".api.aws"]
            end
    end.

at_names(Service, Parameters, [Name | Others] = Known, #{names := Names} = Aws) ->
    case signed(Service, Name, Parameters, Aws) of
        {error, {connection, _}} when Others =/= [], not is_map_key(Service, Names) ->
            at_names(Service, Parameters, Others, Aws);
        {error, {connection, _}} = Error ->
            {Error, Aws#{names := maps:remove(Service, Names)}};
        {error, {Code, _}} = Error when Code =:= "AuthFailure"; Code =:= "ExpiredToken"; Code =:= "RequestExpired" ->
            {Error, Aws#{credentials := none}};
        Answer ->
            {Answer, Aws#{names := Names#{Service => Known}}}
    end.

signed(Service, Name, Parameters, #{credentials := Credentials, options := #{region := Region}}) ->
    #{host := Host} = Uri = uri_string:parse(Name),
    Body = uri_string:compose_query(Parameters),
    Type = "application/x-www-form-urlencoded",
    Headers = [{"content-type", Type},
               {"host", case Uri of #{port := Port} -> Host ++ ":" ++ integer_to_list(Port); _ -> Host end}],
    Signed = sign(Headers, Body, atom_to_list(Service), Region, Credentials, calendar:universal_time()),
    %% The client writes these two itself.
    Lines = [Line || {Field, _} = Line <- Signed, Field =/= "host", Field =/= "content-type"],
    case request(post, {Name ++ "/", Lines, Type, Body}, ?ANSWER_MS, tls(Host)) of
        {ok, 200, Text} -> parse(Text);
        {ok, Status, Text} -> {error, told(Status, Text)};
        {error, Reason} -> {error, {connection, Reason}}
    end.

told(Status, Text) ->
    Field = fun(Name, Default) ->
        case re:run(Text, "<" ++ Name ++ ">([^<]*)</", [{capture, all_but_first, list}]) of
            {match, [Found]} -> Found;
            nomatch -> Default
        end
    end,
    {Field("Code", "status " ++ integer_to_list(Status)), Field("Message", "")}.

sign(Headers, Body, Service, Region, #{key := Key, secret := Secret, token := Token}, {{Y, Mo, D}, {H, Mi, S}}) ->
    Day = io_lib:format("~4..0b~2..0b~2..0b", [Y, Mo, D]),
    Time = lists:flatten(io_lib:format("~sT~2..0b~2..0b~2..0bZ", [Day, H, Mi, S])),
    All = lists:sort([{"x-amz-date", Time}, {"x-amz-security-token", Token} | Headers]),
    Names = lists:join(";", [Name || {Name, _} <- All]),
    Canonical = ["POST\n/\n\n", [[Name, ":", Value, "\n"] || {Name, Value} <- All], "\n", Names, "\n", sha256(Body)],
    Scope = [Day, "/", Region, "/", Service, "/aws4_request"],
    ToSign = [?ALGORITHM, "\n", Time, "\n", Scope, "\n", sha256(Canonical)],
    Derived = lists:foldl(fun(Part, Last) -> hmac(Last, Part) end, ["AWS4", Secret],
                          [Day, Region, Service, "aws4_request"]),
    Value = [?ALGORITHM, " Credential=", Key, "/", Scope, ", SignedHeaders=", Names,
             ", Signature=", hex(hmac(Derived, ToSign))],
    [{"authorization", binary_to_list(iolist_to_binary(Value))} | All].

sha256(Data) -> hex(crypto:hash(sha256, Data)).
hmac(Key, Data) -> crypto:mac(hmac, sha256, Key, Data).
hex(Binary) -> string:lowercase(binary:encode_hex(Binary)).

with_credentials(#{credentials := Known, options := #{metadata := Base}} = Aws) ->
    Now = erlang:system_time(second),
    case Known of
        #{ends := Ends} when Ends - Now > ?MARGIN_SECONDS -> {ok, Aws};
        _ ->
            try {ok, Aws#{credentials := of_instance(Base)}}
            catch throw:Reason -> {error, Reason}
            end
    end.

of_instance(Base) ->
    Token = metadata(put, Base, "/latest/api/token", {"x-aws-ec2-metadata-token-ttl-seconds", "60"}),
    Header = {"x-aws-ec2-metadata-token", binary_to_list(Token)},
    [Role | _] = string:split(metadata(get, Base, ?ROLE, Header), "\n"),
    Text = metadata(get, Base, ?ROLE ++ binary_to_list(Role), Header),
    try
        #{key => field("AccessKeyId", Text), secret => field("SecretAccessKey", Text), token => field("Token", Text),
          ends => calendar:rfc3339_to_system_time(field("Expiration", Text))}
    catch error:_ -> throw(no_credentials)
    end.

%% A field of a flat JSON object of strings without escapes, which credentials are. OTP reads JSON since 27 only.
field(Name, Text) ->
    {match, [Value]} = re:run(Text, "\"" ++ Name ++ "\"\\s*:\\s*\"([^\"\\\\]+)\"", [{capture, all_but_first, list}]),
    Value.

metadata(Method, Base, Path, Header) ->
    Url = string:trim(Base, trailing, "/") ++ Path,
    Request = case Method of put -> {Url, [Header], "", ""}; get -> {Url, [Header]} end,
    case request(Method, Request, ?METADATA_MS, []) of
        {ok, 200, Text} -> Text;
        {ok, Status, _} -> throw({status, Status});
        {error, Reason} -> throw(Reason)
    end.

request(Method, Request, Timeout, Tls) ->
    Options = [{timeout, Timeout}, {connect_timeout, ?CONNECT_MS}, {autoredirect, false} | Tls],
    case httpc:request(Method, Request, Options, [{body_format, binary}], ?PROFILE) of
        {ok, {{_, Status, _}, _, Text}} -> {ok, Status, Text};
        {error, Reason} -> {error, Reason}
    end.

tls(Host) ->
    [{ssl, [{verify, verify_peer}, {cacerts, public_key:cacerts_get()}, {depth, 5}, {log_level, error},
            {server_name_indication, Host},
            {customize_hostname_check, [{match_fun, public_key:pkix_verify_hostname_match_fun(https)}]}]}].

%% The document as a tree, as far as AWS's answers need it: elements and their text, no attributes, and nothing that names
%% another file. OTP's own parser is an application more, which not every system has with Erlang.
parse(Text) ->
    Tag = "<(/?)([A-Za-z][A-Za-z0-9]*)(?:\\s[^>]*?)?(/?)>([^<]*)",
    case re:run(Text, Tag, [global, {capture, all_but_first, list}]) of
        {match, Tags} ->
            try lists:foldl(fun tag/2, [{"", [], ""}], Tags) of
                [{_, [Element], _}] -> {ok, Element};
                _ -> {error, {answer, no_xml}}
            catch error:function_clause -> {error, {answer, no_xml}}
            end;
        nomatch -> {error, {answer, no_xml}}
    end.

tag(["", Name, "/", _], [{Above, Others, Words} | Open]) -> [{Above, [{Name, [], ""} | Others], Words} | Open];
tag(["", Name, "", Text], Open) -> [{Name, [], unescaped(Text)} | Open];
tag(["/", Name, "", _], [{Name, Within, Text}, {Above, Others, Words} | Open]) ->
    [{Above, [{Name, lists:reverse(Within), Text} | Others], Words} | Open].

unescaped(Text) ->
    Escapes = [{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&amp;", "&"}],
    lists:foldl(fun({Escape, Sign}, Last) -> lists:append(string:replace(Last, Escape, Sign, all)) end, Text, Escapes).
