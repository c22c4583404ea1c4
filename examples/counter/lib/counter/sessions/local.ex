defmodule Counter.Sessions.Local do
  @moduledoc "Sessions in a table of this node, as many as there may be."
  @behaviour Counter.Sessions
  use GenServer

  alias Counter.Sessions

  @most 100_000
  @sweep :timer.minutes(1)

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @impl Counter.Sessions
  def visit(key) do
    if :ets.update_element(__MODULE__, key, {3, now()}),
      do: {:ok, :ets.update_counter(__MODULE__, key, {2, 1}, {key, 0, now()})},
      else: :unknown
  end

  @impl Counter.Sessions
  def begin(key) do
    if :ets.info(__MODULE__, :size) < @most do
      :ets.insert(__MODULE__, {key, 1, now()})
      :ok
    else
      {:error, :too_many_sessions}
    end
  end

  @impl GenServer
  def init(_) do
    :ets.new(__MODULE__, [:named_table, :public, read_concurrency: true, write_concurrency: true])
    :timer.send_interval(@sweep, :sweep)
    {:ok, nil}
  end

  @impl GenServer
  def handle_info(:sweep, state) do
    oldest = now() - Sessions.seconds()
    :ets.select_delete(__MODULE__, [{{:_, :_, :"$1"}, [{:<, :"$1", oldest}], [true]}])
    {:noreply, state}
  end

  defp now, do: System.monotonic_time(:second)
end
