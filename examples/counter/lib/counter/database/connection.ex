defmodule Counter.Database.Connection do
  @moduledoc """
  One connection of the pool: connects by itself, and again after a loss with growing pauses, and tells the pool when it
  can be used. A database that is away is no reason to restart, so nothing here crashes on it.
  """
  use GenServer, restart: :permanent
  require Logger

  alias Counter.Database.{Error, Place, Pool, Wire}
  alias Counter.Socket

  @first_pause 200
  @longest_pause 10_000
  @connect_timeout 5_000

  # No statement of this application takes longer; a lost client must not hold a lock for ever.
  @parameters %{"statement_timeout" => "5000", "idle_in_transaction_session_timeout" => "10000"}

  # The server goes (57P01 to 57P03), or is no longer the one that writes (25006, after a failover).
  @moved ["57P01", "57P02", "57P03", "25006"]

  def start_link({pool, place}), do: GenServer.start_link(__MODULE__, {pool, place})

  @doc "Runs a statement on a connection that the pool has lent."
  @spec query(pid, String.t(), list, timeout) ::
          {:ok, Wire.rows()} | {:error, Error.t() | :disconnected}
  def query(connection, statement, parameters, timeout) do
    # The connection gives up first, so that its answer is not lost.
    GenServer.call(connection, {:query, statement, parameters, timeout}, timeout + 1_000)
  catch
    :exit, _ -> {:error, :disconnected}
  end

  @doc "Starts anew: a borrower that died may have left a transaction open, or the database is elsewhere."
  def renew(connection), do: GenServer.cast(connection, :renew)

  @impl true
  def init({pool, place}) do
    {:ok, %{pool: pool, place: place, wire: nil, pause: @first_pause}, {:continue, :connect}}
  end

  @impl true
  def handle_continue(:connect, state), do: {:noreply, connect(state)}

  @impl true
  def handle_call({:query, _, _, _}, _from, %{wire: nil} = state),
    do: {:reply, {:error, :disconnected}, state}

  def handle_call({:query, statement, parameters, timeout}, _from, %{wire: wire} = state) do
    with :ok <- Socket.unwatch(wire.socket),
         answer = Wire.query(wire, statement, parameters, timeout),
         true <- usable?(answer),
         :ok <- Socket.watch(wire.socket) do
      {:reply, answer, state}
    else
      _ -> {:reply, {:error, :disconnected}, lost(state)}
    end
  end

  @impl true
  def handle_cast(:renew, %{wire: nil} = state), do: {:noreply, state}

  def handle_cast(:renew, state) do
    Wire.close(state.wire)
    Pool.lost(state.pool, self())
    {:noreply, connect(%{state | wire: nil})}
  end

  @impl true
  def handle_info(:connect, %{wire: nil} = state), do: {:noreply, connect(state)}

  # Nothing is asked for: the server ends the connection, or says something that a new one is told at its start.
  def handle_info(message, %{wire: %Wire{}} = state) do
    if Socket.event?(state.wire.socket, message),
      do: {:noreply, lost(state)},
      else: {:noreply, state}
  end

  def handle_info(_message, state), do: {:noreply, state}

  defp usable?({:error, :disconnected}), do: false
  defp usable?({:error, %Error{code: code}}), do: code not in @moved
  defp usable?({:ok, _}), do: true

  defp connect(state) do
    target = Place.target(state.place)

    with {:ok, wire} <- Wire.connect(target, @connect_timeout, @parameters),
         :ok <- Socket.watch(wire.socket) do
      Pool.ready(state.pool, self())
      %{state | wire: wire, pause: @first_pause}
    else
      {:error, reason} ->
        if state.pause == @first_pause,
          do: Logger.warning("database #{target.host}: #{inspect(reason)}")

        again(state)
    end
  end

  defp lost(state) do
    Socket.close(state.wire.socket)
    Pool.lost(state.pool, self())
    again(%{state | wire: nil})
  end

  # By chance between half and the whole, or all nodes of a fleet would come back in the same instant.
  defp again(%{pause: pause} = state) do
    Process.send_after(self(), :connect, div(pause, 2) + :rand.uniform(div(pause, 2)))
    %{state | pause: min(pause * 2, @longest_pause)}
  end
end
