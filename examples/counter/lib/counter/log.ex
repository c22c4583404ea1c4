defmodule Counter.Log do
  @moduledoc """
  Log events as one line each, `level=error msg="..."`, and a line of figures every minute.
  """
  use GenServer
  require Logger

  alias Counter.{Drain, Sockets}

  @every :timer.minutes(1)
  @longest 8_000

  @doc "Formatter of Logger: time is the journal's. Never raises, or Logger would print an error about it instead."
  def format(level, message, _time, _metadata) do
    text = message |> IO.chardata_to_string() |> String.slice(0, @longest)
    "level=#{level} msg=#{inspect(text, binaries: :as_strings, printable_limit: :infinity)}\n"
  rescue
    _ -> "level=#{level} msg=\"an event that is no text\"\n"
  end

  @doc "Counts a request, for the figures of the minute."
  def request(status) do
    counters = :persistent_term.get(__MODULE__)
    :counters.add(counters, 1, 1)
    if status >= 500, do: :counters.add(counters, 2, 1)
  end

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @impl true
  def init(_) do
    counters = :counters.new(2, [:write_concurrency])
    :persistent_term.put(__MODULE__, counters)
    :timer.send_interval(@every, :figures)
    {:ok, {counters, {0, 0}}}
  end

  @impl true
  def handle_info(:figures, {counters, {requests, failures}}) do
    now = {:counters.get(counters, 1), :counters.get(counters, 2)}

    Logger.info(
      "figures requests=#{elem(now, 0) - requests} failures=#{elem(now, 1) - failures} " <>
        "sockets=#{Sockets.count()} nodes=#{length(Node.list()) + 1} draining=#{Drain.on?()} " <>
        "run_queue=#{:erlang.statistics(:total_run_queue_lengths)} memory=#{:erlang.memory(:total)}"
    )

    {:noreply, {counters, now}}
  end
end
