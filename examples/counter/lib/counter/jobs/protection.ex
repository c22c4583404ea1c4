defmodule Counter.Jobs.Protection do
  @moduledoc """
  Says `on` before the first job under way and `off` half a minute after the last (docs/async.md of Beamstalk). Where there is
  no such program, as on a laptop, nobody takes nodes away.
  """
  use GenServer

  @program "beamstalk-protect"
  @idle 30_000

  def start_link(_), do: GenServer.start_link(__MODULE__, 0, name: __MODULE__)

  @doc "`{:error, :ending}`: the job is left in its queue."
  @spec begin_job() :: :ok | {:error, :ending}
  def begin_job, do: GenServer.call(__MODULE__, :begin, 60_000)

  def end_job, do: GenServer.cast(__MODULE__, {:ended, self()})

  @impl true
  def init(_), do: {:ok, 0}

  @impl true
  def handle_call(:begin, _from, 0) do
    if said?("on"), do: {:reply, :ok, 1}, else: {:reply, {:error, :ending}, 0}
  end

  def handle_call(:begin, _from, jobs), do: {:reply, :ok, jobs + 1}

  @impl true
  def handle_cast({:ended, _pid}, 1), do: {:noreply, 0, @idle}
  def handle_cast({:ended, _pid}, jobs), do: {:noreply, jobs - 1}

  @impl true
  def handle_info(:timeout, 0) do
    said?("off")
    {:noreply, 0}
  end

  def handle_info(_message, jobs), do: {:noreply, jobs}

  defp said?(word) do
    case System.find_executable(@program) do
      nil -> true
      program -> match?({_, 0}, System.cmd(program, [word], stderr_to_stdout: true))
    end
  end
end
