%% Expressions for file:script/2 in the running node, with Root, Name and Vsn of the new release bound. Answers `upgraded`.
%% The node's own start from here on is the new release's: what is `permanent` is said by the symbolic link `current`.
RelFile = filename:join([Root, "releases", Vsn, Name ++ ".rel"]),
{ok, [{release, _, _, Applications}]} = file:consult(RelFile),
%% Left by an upgrade that was not taken. Only forgotten: removing would delete the files of the new release.
_ = [ok = release_handler:set_removed(V) || {_, V, _, unpacked} <- release_handler:which_releases(), V =:= Vsn],
Libraries = [{element(1, A), element(2, A), filename:join(Root, "lib")} || A <- Applications],
{ok, _} = release_handler:set_unpacked(RelFile, Libraries),
{ok, _, _} = release_handler:install_release(Vsn),
upgraded.
