defmodule Counter.Database.Place do
  @moduledoc """
  Where the database is. While the platform moves it, a file says so (`BEAMSTALK_DATABASES_FILE`); without the file the
  environment is right. `bin/databases-changed` asks for a look at it, and so does a statement that was refused by a side
  which no longer serves. Connections to the place of before then begin anew, each after the statement that it is at.
  """
  use GenServer
  require Logger

  alias Counter.Database.{Pool, Wire}
  alias Counter.{Json, Settings}

  @lately 10_000

  def start_link(settings),
    do:
      GenServer.start_link(__MODULE__, settings, name: Map.get(settings, :place_name, __MODULE__))

  @spec target(GenServer.server()) :: Wire.target()
  def target(place \\ __MODULE__), do: GenServer.call(place, :target)

  @doc "Looks whether the database is elsewhere by now."
  @spec look(GenServer.server()) :: :ok
  def look(place \\ __MODULE__), do: GenServer.call(place, :look)

  @doc """
  Waits until the database is elsewhere, for so many milliseconds at most, for a statement that was refused by a side which no
  longer serves. A statement that asked again and again instead would keep a connection from those that can be carried out.
  """
  @spec await(GenServer.server(), pos_integer) :: :ok
  def await(place \\ __MODULE__, within), do: GenServer.call(place, {:await, within}, :infinity)

  @doc "True for the first seconds after a change: everybody who waited for it comes at once then."
  @spec moved_lately?(atom) :: boolean
  def moved_lately?(place \\ __MODULE__) do
    case :persistent_term.get({__MODULE__, place}, nil) do
      nil -> false
      at -> System.monotonic_time(:millisecond) - at < @lately
    end
  end

  @impl true
  def init(%{database: target, databases: databases} = settings) do
    pool = Map.get(settings, :pool_name, Pool)
    name = Map.get(settings, :place_name, __MODULE__)
    state = %{target: target, databases: databases, pool: pool, name: name, waiting: %{}}
    {:ok, %{state | target: said(state)}}
  end

  @impl true
  def handle_call(:target, _from, state), do: {:reply, state.target, state}

  def handle_call(:look, _from, state), do: {:reply, :ok, looked(state)}

  # Refused by a connection of before, which begins anew in this instant.
  def handle_call({:await, within}, from, state) do
    state = looked(state)

    if moved_lately?(state.name) do
      {:reply, :ok, state}
    else
      Process.send_after(self(), {:waited, from}, within)
      {:noreply, %{state | waiting: Map.put(state.waiting, from, true)}}
    end
  end

  @impl true
  def handle_info({:waited, from}, state) do
    {waits, waiting} = Map.pop(state.waiting, from)
    if waits, do: GenServer.reply(from, :ok)
    {:noreply, %{state | waiting: waiting}}
  end

  defp looked(%{target: before} = state) do
    case said(state) do
      ^before ->
        state

      target ->
        Logger.info("the database is on #{target.host} now")
        :persistent_term.put({__MODULE__, state.name}, System.monotonic_time(:millisecond))
        Pool.renew(state.pool)
        for {from, _} <- state.waiting, do: GenServer.reply(from, :ok)
        %{state | target: target, waiting: %{}}
    end
  end

  # A file that cannot be read leaves it as it was: a statement that goes to the wrong side is refused there.
  defp said(%{target: before, databases: %{file: file, environment: environment}}) do
    with true <- is_binary(file),
         {:ok, text} <- File.read(file),
         {:ok, %{} = variables} <- Json.decode(text),
         {:ok, %{} = target} <- Settings.database(Map.merge(environment, variables)) do
      target
    else
      false ->
        before

      {:error, :enoent} ->
        before

      wrong ->
        Logger.warning("#{file} is not understood: #{inspect(reason(wrong))}")
        before
    end
  end

  # Not what was read: it holds a password.
  defp reason({:error, reason}), do: reason
  defp reason(_), do: "it names no database"
end
