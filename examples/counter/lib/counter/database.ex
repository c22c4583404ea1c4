defmodule Counter.Database do
  @moduledoc """
  The database as the rest of the application sees it: a statement or a transaction, on a connection of the pool.
  """
  use Supervisor

  alias Counter.Database.{Connection, Error, Pool, Wire}

  @wait 2_000
  @statement 5_000

  @type failure :: :unavailable | :busy | :disconnected | Error.t()

  def start_link(settings), do: Supervisor.start_link(__MODULE__, settings, name: __MODULE__)

  @impl true
  def init(%{database: target, pool_size: size}) do
    connections =
      for number <- 1..size,
          do: Supervisor.child_spec({Connection, {Pool, target}}, id: {Connection, number})

    # A pool that died has forgotten its connections: they start again with it.
    Supervisor.init([Pool | connections], strategy: :rest_for_one)
  end

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

  defp once(statement, parameters, options) do
    if Process.whereis(Pool) do
      Pool.with_connection(Pool, Keyword.get(options, :wait, @wait), fn connection ->
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
