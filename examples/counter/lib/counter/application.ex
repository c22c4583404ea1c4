defmodule Counter.Application do
  @moduledoc """
  The supervision tree. What comes later may use what comes before, and ends first: new connections and jobs, then those under
  way, then what they use.
  """
  use Application

  alias Counter.{
    Broadcast,
    Cache,
    Cluster,
    Database,
    Drain,
    Finish,
    Http,
    Jobs,
    Log,
    Sessions,
    Sockets
  }

  @impl true
  def start(_type, _args) do
    settings = Application.fetch_env!(:counter, :settings)
    Drain.reset()

    children =
      [Log, Cluster, Sockets, Broadcast] ++
        [Counter.Aws.Http, Counter.Aws.Credentials, Sessions.Local] ++
        if(settings.database, do: [{Database, settings}], else: []) ++
        if(settings.cache, do: [{Cache, settings.cache}], else: []) ++
        jobs(settings.worker) ++
        http(settings.http) ++
        if(settings.peers, do: [:beamstalk_peers.child_spec(settings.peers)], else: [])

    # Each part looks after its own; a few restarts of one are no reason to restart all, many in a row are.
    options = [
      strategy: :one_for_one,
      max_restarts: 10,
      max_seconds: 60,
      name: Counter.Supervisor
    ]

    with {:error, reason} <- Supervisor.start_link(children, options), do: refuse(reason)
  end

  # One line, where the BEAM would print a page and a crash dump.
  defp refuse({:shutdown, {:failed_to_start_child, _child, {:shutdown, text}}})
       when is_binary(text),
       do: refuse(text)

  defp refuse(text) when is_binary(text), do: halt(text)
  defp refuse(reason), do: halt(inspect(reason))

  defp halt(text) do
    IO.puts(:stderr, "counter: " <> text)
    System.halt(1)
  end

  @doc "Answers under way say that their connection ends."
  @impl true
  def prep_stop(state) do
    Drain.begin()
    state
  end

  defp http(%{serve: false}), do: []

  defp http(settings) do
    [
      {Http.Connections, most: settings.connections},
      {Finish,
       name: :http, within: 20_000, ask: &Http.Connection.finish/1, tasks: &Http.Connections.all/0},
      {Http.Listener, name: Http.Listener, port: settings.port, backlog: settings.backlog}
    ]
  end

  defp jobs(nil), do: []

  defp jobs(%{queues: queues, at_once: at_once, drain_file: drain_file}) do
    each = max(div(at_once, max(length(queues), 1)), 1)

    [
      {Jobs.Protection, []},
      Supervisor.child_spec({Task.Supervisor, name: Jobs.Work}, id: Jobs.Work),
      Supervisor.child_spec({Task.Supervisor, name: Jobs.Tasks}, id: Jobs.Tasks),
      {Finish,
       name: :jobs,
       within: 60_000,
       ask: fn _ -> :ok end,
       tasks: fn -> Task.Supervisor.children(Jobs.Tasks) end}
    ] ++ for({_name, url} <- queues, do: {Jobs.Receiver, {url, each, drain_file}})
  end
end
