defmodule Counter.Database.PoolTest do
  use ExUnit.Case, async: true

  alias Counter.Database.Pool

  # Stands for a connection: tells the test what it is asked.
  defmodule Loan do
    use GenServer
    def start_link(test), do: GenServer.start_link(__MODULE__, test)
    @impl true
    def init(test), do: {:ok, test}
    @impl true
    def handle_cast(message, test) do
      send(test, {self(), message})
      {:noreply, test}
    end
  end

  setup do
    pool = start_supervised!({Pool, name: :"pool_#{System.unique_integer([:positive])}"})
    connection = start_supervised!({Loan, self()})
    %{pool: pool, connection: connection}
  end

  test "one borrower at a time, first come first served", %{pool: pool, connection: connection} do
    Pool.ready(pool, connection)
    test = self()

    tasks =
      for number <- 1..3 do
        task =
          Task.async(fn ->
            Pool.with_connection(pool, 2_000, fn ^connection ->
              send(test, {:begun, number})
              Process.sleep(50)
              send(test, {:ended, number})
              number
            end)
          end)

        Process.sleep(10)
        task
      end

    assert Task.await_many(tasks) == [1, 2, 3]
    for number <- 1..3, do: assert_receive({:begun, ^number})

    {:messages, messages} = Process.info(self(), :messages)

    assert Enum.filter(messages, &match?({:ended, _}, &1)) == [
             {:ended, 1},
             {:ended, 2},
             {:ended, 3}
           ]
  end

  test "waits no longer than it is told", %{pool: pool} do
    {microseconds, answer} =
      :timer.tc(fn -> Pool.with_connection(pool, 100, fn _ -> :never end) end)

    assert answer == {:error, :busy}
    assert microseconds in 90_000..1_000_000
  end

  test "a borrower that dies leaves a connection that begins anew", %{
    pool: pool,
    connection: connection
  } do
    Pool.ready(pool, connection)
    test = self()

    {:ok, borrower} =
      Task.start(fn ->
        Pool.with_connection(pool, 100, fn _ ->
          send(test, :borrowed)
          Process.sleep(:infinity)
        end)
      end)

    assert_receive :borrowed
    Process.exit(borrower, :kill)
    assert_receive {^connection, :renew}
    assert Pool.with_connection(pool, 50, & &1) == {:error, :busy}
    Pool.ready(pool, connection)
    assert Pool.with_connection(pool, 50, & &1) == connection
  end

  test "a lost connection is lent to nobody until it is back", %{
    pool: pool,
    connection: connection
  } do
    Pool.ready(pool, connection)
    Pool.with_connection(pool, 50, fn _ -> Pool.lost(pool, connection) end)
    assert Pool.with_connection(pool, 50, & &1) == {:error, :busy}
    Pool.ready(pool, connection)
    assert Pool.with_connection(pool, 50, & &1) == connection
  end

  test "a queue that is full says no at once", %{pool: pool} do
    for _ <- 1..1_000, do: Task.start(fn -> Pool.with_connection(pool, 5_000, & &1) end)
    Process.sleep(200)
    {microseconds, answer} = :timer.tc(fn -> Pool.with_connection(pool, 5_000, & &1) end)
    assert answer == {:error, :busy}
    assert microseconds < 1_000_000
  end
end
