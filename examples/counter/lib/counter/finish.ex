defmodule Counter.Finish do
  @moduledoc """
  Waits, when the application ends, until tasks have done what they are doing. Supervisors end their children in the reverse
  order of their start: this one stands right behind the supervisor of the tasks, and before what brings new ones. Without it
  a task would be killed by the first signal.
  """
  use GenServer

  @doc "Options: `tasks`, a function that lists them; `ask`, called with each; `within`, in ms."
  def child_spec(options) do
    %{
      id: {__MODULE__, options[:name]},
      start: {GenServer, :start_link, [__MODULE__, options]},
      shutdown: options[:within] + 1_000
    }
  end

  @impl true
  def init(options) do
    # Asks for terminate/2 to be called.
    Process.flag(:trap_exit, true)
    {:ok, options}
  end

  @impl true
  def terminate(_reason, options) do
    tasks = options[:tasks].()
    Enum.each(tasks, options[:ask])
    for pid <- tasks, do: Process.monitor(pid)
    wait(length(tasks), System.monotonic_time(:millisecond) + options[:within])
  end

  defp wait(0, _deadline), do: :ok

  defp wait(left, deadline) do
    receive do
      {:DOWN, _, :process, _, _} -> wait(left - 1, deadline)
    after
      max(deadline - System.monotonic_time(:millisecond), 0) -> :ok
    end
  end
end
