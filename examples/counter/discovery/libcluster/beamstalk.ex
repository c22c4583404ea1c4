defmodule Cluster.Strategy.Beamstalk do
  @moduledoc """
  A strategy of libcluster that finds the nodes of a fleet as `beamstalk_peers` does, and joins them as libcluster does. Copy
  it into your application.

      config :libcluster, topologies: [fleet: [strategy: Cluster.Strategy.Beamstalk, config: []]]

  | key of `config` | default | what it is |
  | --- | --- | --- |
  | `tag` | `{"beamstalk:fleet", "<environment>-<role>"}` | the tag of the instances |
  | `target_groups` | `[]` | ARNs: only those that one of these target groups serves, or is about to |

  Source: the callbacks and `connect_nodes/4` of https://hexdocs.pm/libcluster/Cluster.Strategy.html, read 2026-11-30.
  """
  use Cluster.Strategy

  alias Cluster.Strategy

  @impl true
  def start_link([%Strategy.State{config: config} = state]) do
    config
    |> Map.new(fn
      {:tag, {key, value}} -> {:tag, {to_charlist(key), to_charlist(value)}}
      {:target_groups, arns} -> {:target_groups, Enum.map(arns, &to_charlist/1)}
    end)
    |> Map.put(:connect, fn node ->
      Strategy.connect_nodes(state.topology, state.connect, state.list_nodes, [node]) == :ok
    end)
    |> :beamstalk_peers.start_link()
  end
end
