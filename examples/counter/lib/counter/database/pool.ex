defmodule Counter.Database.Pool do
  @moduledoc """
  Lends connections: to one borrower at a time, first come first served, after a bounded wait. A queue that is as long as
  it may be says no at once: work that nobody waits for any more would only make everybody later.
  """
  use GenServer

  alias Counter.Database.Connection

  @longest_queue 1_000

  def start_link(options),
    do: GenServer.start_link(__MODULE__, nil, name: Keyword.get(options, :name, __MODULE__))

  @doc "Runs `work` with a connection; `{:error, :busy}` when none was free within `wait` ms."
  @spec with_connection(GenServer.server(), timeout, (pid -> result)) :: result | {:error, :busy}
        when result: term
  def with_connection(pool, wait, work) do
    reference = make_ref()

    case call(pool, {:borrow, reference, wait}, wait) do
      {:ok, connection} ->
        try do
          work.(connection)
        after
          GenServer.cast(pool, {:return, reference})
        end

      {:error, :busy} ->
        {:error, :busy}
    end
  end

  def ready(pool, connection), do: GenServer.cast(pool, {:ready, connection})
  def lost(pool, connection), do: GenServer.cast(pool, {:lost, connection})

  @doc "Has every connection begin anew, each after what it is at."
  def renew(pool), do: GenServer.cast(pool, :renew)

  defp call(pool, request, wait) do
    GenServer.call(pool, request, wait + 1_000)
  catch
    :exit, _ -> {:error, :busy}
  end

  # `borrowed`: reference of a loan -> {connection, monitor of the borrower}.
  @impl true
  def init(_), do: {:ok, %{free: [], waiting: :queue.new(), borrowed: %{}, known: %{}}}

  @impl true
  def handle_call({:borrow, reference, wait}, {pid, _} = from, state) do
    request = %{from: from, pid: pid, reference: reference}

    case state do
      %{free: [connection | free]} ->
        {:noreply, lend(%{state | free: free}, connection, request)}

      _ ->
        if :queue.len(state.waiting) >= @longest_queue do
          {:reply, {:error, :busy}, state}
        else
          Process.send_after(self(), {:waited, reference}, wait)
          {:noreply, %{state | waiting: :queue.in(request, state.waiting)}}
        end
    end
  end

  @impl true
  def handle_cast({:ready, connection}, state) do
    known = Map.put_new_lazy(state.known, connection, fn -> Process.monitor(connection) end)
    {:noreply, offer(%{state | known: known}, connection)}
  end

  def handle_cast({:lost, connection}, state), do: {:noreply, forget(state, connection)}

  def handle_cast(:renew, state) do
    Enum.each(Map.keys(state.known), &Connection.renew/1)
    {:noreply, state}
  end

  def handle_cast({:return, reference}, state) do
    case Map.pop(state.borrowed, reference) do
      {{connection, monitor}, borrowed} ->
        Process.demonitor(monitor, [:flush])
        {:noreply, offer(%{state | borrowed: borrowed}, connection)}

      # Lost while it was lent: the connection says when it is there again.
      {nil, _} ->
        {:noreply, state}
    end
  end

  @impl true
  def handle_info({:waited, reference}, state) do
    waiting =
      :queue.filter(
        fn request ->
          if request.reference == reference, do: GenServer.reply(request.from, {:error, :busy})
          request.reference != reference
        end,
        state.waiting
      )

    {:noreply, %{state | waiting: waiting}}
  end

  def handle_info({:DOWN, monitor, :process, pid, _reason}, state) do
    if Map.has_key?(state.known, pid) do
      {:noreply, forget(%{state | known: Map.delete(state.known, pid)}, pid)}
    else
      {:noreply, reclaim(state, monitor)}
    end
  end

  # The borrower died: nobody knows what it left behind.
  defp reclaim(state, monitor) do
    case Enum.find(state.borrowed, fn {_, {_, of_borrower}} -> of_borrower == monitor end) do
      {reference, {connection, _}} ->
        Connection.renew(connection)
        %{state | borrowed: Map.delete(state.borrowed, reference)}

      nil ->
        state
    end
  end

  defp offer(state, connection) do
    case :queue.out(state.waiting) do
      {{:value, request}, waiting} -> lend(%{state | waiting: waiting}, connection, request)
      {:empty, _} -> %{state | free: [connection | List.delete(state.free, connection)]}
    end
  end

  defp lend(state, connection, request) do
    monitor = Process.monitor(request.pid)
    GenServer.reply(request.from, {:ok, connection})
    %{state | borrowed: Map.put(state.borrowed, request.reference, {connection, monitor})}
  end

  defp forget(state, connection) do
    {lent, borrowed} = Enum.split_with(state.borrowed, fn {_, {pid, _}} -> pid == connection end)
    for {_, {_, monitor}} <- lent, do: Process.demonitor(monitor, [:flush])
    %{state | free: List.delete(state.free, connection), borrowed: Map.new(borrowed)}
  end
end
