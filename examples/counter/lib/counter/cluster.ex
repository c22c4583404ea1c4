defmodule Counter.Cluster do
  @moduledoc """
  Membership by `pg`: groups of processes over all nodes that are connected, without a leader. To connect nodes is
  another matter, that of `:beamstalk_peers` (discovery/); this shows who is.
  """

  @group :broadcast

  def child_spec(_), do: %{id: __MODULE__, start: {:pg, :start_link, [__MODULE__]}}

  def join(pid), do: :pg.join(__MODULE__, @group, pid)

  @doc "One process of each node that runs this application."
  def processes, do: :pg.get_members(__MODULE__, @group)

  def members, do: processes() |> Enum.map(&node/1) |> Enum.sort()
end
