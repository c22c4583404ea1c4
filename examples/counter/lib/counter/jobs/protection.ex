defmodule Counter.Jobs.Protection do
  @moduledoc """
  Says `on` before the first job under way and `off` half a minute after the last (docs/async.md of Beamstalk): for as long as it
  is on, Auto Scaling takes another node away. Where there is no such program, as on a laptop, nobody takes nodes away.
  """
  use GenServer

  @program "beamstalk-protect"
  @idle 30_000

  @doc "Options: `program`, and `idle`, ms after the last job."
  def start_link(options), do: GenServer.start_link(__MODULE__, options, name: __MODULE__)

  @doc "The calling process begins a job, which ends with it. `{:error, :ending}`: the job is left in its queue."
  @spec begin_job() :: :ok | {:error, :ending}
  def begin_job, do: GenServer.call(__MODULE__, :begin, 60_000)

  @impl true
  def init(options) do
    program = Keyword.get(options, :program, @program)

    {:ok,
     %{
       program: program,
       idle: Keyword.get(options, :idle, @idle),
       jobs: 0,
       on?: false,
       timer: nil
     }}
  end

  @impl true
  def handle_call(:begin, {pid, _}, state) do
    if state.on? or said?(state, "on") do
      Process.monitor(pid)
      {:reply, :ok, %{quiet(state) | jobs: state.jobs + 1, on?: true}}
    else
      {:reply, {:error, :ending}, state}
    end
  end

  @impl true
  def handle_info({:DOWN, _, :process, _, _}, %{jobs: 1} = state),
    do: {:noreply, %{state | jobs: 0, timer: Process.send_after(self(), :idle, state.idle)}}

  def handle_info({:DOWN, _, :process, _, _}, state),
    do: {:noreply, %{state | jobs: state.jobs - 1}}

  def handle_info(:idle, %{jobs: 0} = state) do
    # Stays on when it is not taken: the next end of a job says it again.
    {:noreply, %{state | on?: not said?(state, "off"), timer: nil}}
  end

  # A timer that had run out before it was stopped.
  def handle_info(:idle, state), do: {:noreply, state}

  defp quiet(%{timer: nil} = state), do: state

  defp quiet(state) do
    Process.cancel_timer(state.timer)
    %{state | timer: nil}
  end

  defp said?(state, word) do
    case System.find_executable(state.program) do
      nil -> true
      program -> match?({_, 0}, System.cmd(program, [word], stderr_to_stdout: true))
    end
  end
end
