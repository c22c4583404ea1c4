defmodule Counter.Jobs.Receiver do
  @moduledoc """
  Takes messages of one queue, as many at once as there may be, and hands each to a task. Takes none any more when the node is
  to end: the drain file is there.
  """
  use Task, restart: :permanent
  require Logger

  alias Counter.Aws.Sqs
  alias Counter.Jobs.Runner

  @pause 1_000

  def child_spec({url, _at_once, _drain_file} = options),
    do: %{
      id: {__MODULE__, url},
      start: {Task, :start_link, [__MODULE__, :run, [options]]},
      restart: :permanent
    }

  def run({url, at_once, drain_file}), do: loop(url, at_once, drain_file, MapSet.new())

  defp loop(url, at_once, drain_file, running) do
    running = ended(running, if(MapSet.size(running) >= at_once, do: :infinity, else: 0))

    if ending?(drain_file) do
      Process.sleep(@pause)
      loop(url, at_once, drain_file, running)
    else
      loop(
        url,
        at_once,
        drain_file,
        more(url, min(at_once - MapSet.size(running), 10), drain_file, running)
      )
    end
  end

  defp more(url, free, drain_file, running) do
    case Sqs.receive(url, free) do
      {:ok, messages} ->
        if ending?(drain_file) do
          # For somebody else, and not only when they become visible by themselves.
          Enum.each(messages, &Sqs.hide(url, &1.receipt, 0))
          running
        else
          for message <- messages, into: running, do: started(url, message)
        end

      {:error, reason} ->
        Logger.warning("queue: #{inspect(reason)}")
        Process.sleep(@pause)
        running
    end
  end

  defp started(url, message) do
    {:ok, pid} = Task.Supervisor.start_child(Counter.Jobs.Tasks, Runner, :run, [url, message])
    Process.monitor(pid)
  end

  # Those that have ended; waits for the first when all places are taken.
  defp ended(running, wait) do
    receive do
      {:DOWN, monitor, :process, _, _} -> ended(MapSet.delete(running, monitor), 0)
    after
      wait -> running
    end
  end

  defp ending?(nil), do: false
  defp ending?(file), do: File.exists?(file)
end
