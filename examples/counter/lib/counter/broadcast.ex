defmodule Counter.Broadcast do
  @moduledoc "Hands a text to the WebSockets of every node: one message to each node, which tells its own."
  use GenServer

  alias Counter.{Cluster, Sockets}
  alias Counter.Websocket.Session

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @spec everywhere(String.t()) :: :ok
  def everywhere(text) do
    for pid <- Cluster.processes(), do: send(pid, {:broadcast, text})
    :ok
  end

  @impl true
  def init(_) do
    :ok = Cluster.join(self())
    {:ok, nil}
  end

  @impl true
  def handle_info({:broadcast, text}, state) do
    Enum.each(Sockets.all(), &Session.tell(&1, text))
    {:noreply, state}
  end
end
