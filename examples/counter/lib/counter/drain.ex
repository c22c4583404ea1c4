defmodule Counter.Drain do
  @moduledoc """
  Lets the users of a node go, before it ends: `bin/drain RATE` calls `run/1`. From then on the node opens no WebSocket, answers
  503 on `/health`, and closes each HTTP connection with its next answer; those without a request go last. Only a restart
  ends it.
  """

  alias Counter.Http.{Connection, Connections}
  alias Counter.Sockets
  alias Counter.Websocket.Session

  @tick 100

  def on?, do: :persistent_term.get(__MODULE__, false)
  def begin, do: :persistent_term.put(__MODULE__, true)

  @doc false
  def reset, do: :persistent_term.put(__MODULE__, false)

  @doc """
  Closes the WebSockets, `rate` per second, with 1001; returns when none is left. Takes the place of an earlier run: whoever had
  asked for it is gone, and two would let twice as many go.
  """
  @spec run(pos_integer) :: :ok
  def run(rate) when is_integer(rate) and rate > 0 do
    begin()
    take_over(Process.whereis(__MODULE__))
    close(Sockets.all(), rate, System.monotonic_time(:millisecond), 0)
  end

  defp take_over(nil), do: Process.register(self(), __MODULE__)
  defp take_over(pid) when pid == self(), do: true

  defp take_over(pid) do
    reference = Process.monitor(pid)
    Process.exit(pid, :kill)

    receive do
      {:DOWN, ^reference, :process, ^pid, _} -> take_over(Process.whereis(__MODULE__))
    end
  end

  # Those that came in the last moment, or have not gone yet. The list is made once for all of them, not at each tick.
  defp close([], rate, started, closed) do
    case Sockets.all() do
      [] ->
        # Senders of requests know by now, and proxies keep connections for later all the same.
        Enum.each(Connections.all(), &Connection.finish/1)

      sockets ->
        Process.sleep(@tick)
        close(sockets, rate, started, closed)
    end
  end

  # By what should have been closed by now, so that a slow moment is made up for and no rate is too small.
  defp close(sockets, rate, started, closed) do
    due = 1 + div((System.monotonic_time(:millisecond) - started) * rate, 1_000)
    {now, later} = Enum.split(sockets, max(due - closed, 0))
    Enum.each(now, &Session.leave/1)
    if later != [], do: Process.sleep(@tick)
    close(later, rate, started, closed + length(now))
  end
end
