defmodule Counter.FinishTest do
  use ExUnit.Case, async: true

  # A supervisor of tasks, and behind it what waits for them.
  defp start(within) do
    test = self()
    name = :"tasks_#{System.unique_integer([:positive])}"
    ask = fn pid -> send(test, {:asked, pid}) end

    children = [
      {Task.Supervisor, name: name},
      {Counter.Finish,
       name: name, within: within, ask: ask, tasks: fn -> Task.Supervisor.children(name) end}
    ]

    {:ok, supervisor} = Supervisor.start_link(children, strategy: :one_for_one)
    {supervisor, name}
  end

  test "a task is asked, and done before its supervisor ends" do
    {supervisor, name} = start(5_000)
    test = self()

    {:ok, task} =
      Task.Supervisor.start_child(name, fn ->
        Process.sleep(300)
        send(test, :done)
      end)

    Supervisor.stop(supervisor)
    assert_received {:asked, ^task}
    assert_received :done
  end

  test "one that does not end is waited for no longer than it is said" do
    {supervisor, name} = start(200)
    {:ok, task} = Task.Supervisor.start_child(name, fn -> Process.sleep(:infinity) end)
    {microseconds, :ok} = :timer.tc(fn -> Supervisor.stop(supervisor) end)
    assert microseconds in 200_000..3_000_000
    refute Process.alive?(task)
  end
end
