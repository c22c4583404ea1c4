defmodule Counter.Database do
  @moduledoc """
  The database as the rest of the application sees it: a statement or a transaction, on a connection of the pool.
  """
  use Supervisor

  alias Counter.Database.{Connection, Error, Place, Pool, Wire}

  @wait 2_000
  @statement 5_000

  # The side that no longer serves, while the database moves: nothing of the statement has happened.
  @elsewhere "BM001"
  # A node hears of a move within a second or two; whoever waits for an answer waits for ten.
  @move 8_000
  # Whoever was refused asks once a second whether that still holds, should the node not have heard.
  @look 1_000
  @spread 100

  @type failure :: :unavailable | :busy | :disconnected | Error.t()

  def start_link(settings), do: Supervisor.start_link(__MODULE__, settings, name: __MODULE__)

  @impl true
  def init(%{pool_size: size} = settings) do
    connections =
      for number <- 1..size,
          do: Supervisor.child_spec({Connection, {Pool, Place}}, id: {Connection, number})

    # A pool that died has forgotten its connections: they start again with it.
    Supervisor.init([{Place, settings}, Pool | connections], strategy: :rest_for_one)
  end

  @doc "Told by `bin/databases-changed`."
  @spec moved() :: :ok
  def moved, do: if(Process.whereis(Place), do: Place.look(), else: :ok)

  @doc """
  Runs a statement that may run twice: when its connection is lost it is tried on another one, within the time that a request
  waits anyway. Not once only, because a database that moves ends all connections in the same instant.
  """
  @spec read(String.t(), list, keyword) :: {:ok, Wire.rows()} | {:error, failure}
  def read(statement, parameters \\ [], options \\ []) do
    again(statement, parameters, options, now() + Keyword.get(options, :wait, @wait))
  end

  @doc "Runs a statement that must not run twice: whether one whose connection is lost was carried out, nobody knows."
  @spec write(String.t(), list, keyword) :: {:ok, Wire.rows()} | {:error, failure}
  def write(statement, parameters \\ [], options \\ []), do: once(statement, parameters, options)

  defp again(statement, parameters, options, deadline) do
    with {:error, :disconnected} <- once(statement, parameters, options) do
      if now() < deadline,
        do: again(statement, parameters, options, deadline),
        else: {:error, :disconnected}
    end
  end

  defp now, do: System.monotonic_time(:millisecond)

  # Also what must not run twice is repeated after a refusal by the wrong side.
  defp once(statement, parameters, options),
    do: where_it_is(statement, parameters, options, now() + @move)

  defp where_it_is(statement, parameters, options, deadline) do
    with {:error, %Error{code: @elsewhere}} = refused <- there(statement, parameters, options) do
      left = deadline - now()

      if left > 0 do
        Place.await(min(@look, left))
        Process.sleep(:rand.uniform(@spread))
        # It has waited already, and those who come after it have not.
        where_it_is(statement, parameters, Keyword.put(options, :wait, left), deadline)
      else
        refused
      end
    end
  end

  # Right after a move all come at once who waited for it.
  defp patience, do: if(Place.moved_lately?(), do: @move, else: @wait)

  defp there(statement, parameters, options) do
    if Process.whereis(Pool) do
      Pool.with_connection(Pool, Keyword.get(options, :wait, patience()), fn connection ->
        Connection.query(
          connection,
          statement,
          parameters,
          Keyword.get(options, :timeout, @statement)
        )
      end)
    else
      {:error, :unavailable}
    end
  end
end
