defmodule Counter.Http.Connections do
  @moduledoc """
  The connections that are open, each a task. Spread over several supervisors: one would be the one process that every new
  connection waits for.
  """

  alias Counter.Http.Connection

  @doc "Options: `most`, connections that may be open."
  def child_spec(options) do
    partitions = System.schedulers_online()
    each = [max_children: div(options[:most], partitions) + 1]

    PartitionSupervisor.child_spec(
      name: __MODULE__,
      partitions: partitions,
      child_spec: {Task.Supervisor, each}
    )
  end

  @doc "Serves a connection that the calling process has accepted; closes it when there are as many as there may be."
  def start(socket) do
    # The supervisor of the scheduler that runs this, so that bursts on several of them do not wait for each other.
    key = :erlang.system_info(:scheduler_id)

    with {:ok, pid} <- serve(socket, key, System.schedulers_online()),
         :ok <- :gen_tcp.controlling_process(socket, pid) do
      send(pid, :go)
    else
      # To say so would take time that those who are served need.
      _ -> :gen_tcp.close(socket)
    end
  end

  # One that is full passes on to the next: a node is full when all of them are.
  defp serve(_socket, _key, 0), do: {:error, :max_children}

  defp serve(socket, key, tries) do
    supervisor = {:via, PartitionSupervisor, {__MODULE__, key}}

    with {:error, :max_children} <-
           Task.Supervisor.start_child(supervisor, Connection, :serve, [socket]),
         do: serve(socket, key + 1, tries - 1)
  end

  def all do
    for {_, supervisor, _, _} <- PartitionSupervisor.which_children(__MODULE__),
        pid <- Task.Supervisor.children(supervisor),
        do: pid
  end
end
