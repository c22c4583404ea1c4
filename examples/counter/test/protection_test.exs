defmodule Counter.Jobs.ProtectionTest do
  use ExUnit.Case

  alias Counter.Jobs.Protection

  setup do
    folder = Path.join(System.tmp_dir!(), "protection-#{System.unique_integer([:positive])}")
    File.mkdir_p!(folder)
    on_exit(fn -> File.rm_rf!(folder) end)

    # Writes down what it is told, and takes nothing once there is a file `ending`.
    program = Path.join(folder, "protect")

    File.write!(
      program,
      "#!/bin/sh\n[ ! -e #{folder}/ending ] || exit 1\necho \"$1\" >> #{folder}/said\n"
    )

    File.chmod!(program, 0o755)
    start_supervised!({Protection, program: program, idle: 300})
    %{folder: folder}
  end

  defp said(folder) do
    case File.read(Path.join(folder, "said")) do
      {:ok, text} -> String.split(text)
      {:error, :enoent} -> []
    end
  end

  defp job(milliseconds) do
    Task.async(fn ->
      answer = Protection.begin_job()
      Process.sleep(milliseconds)
      answer
    end)
  end

  test "on before the first job, off a while after the last", %{folder: folder} do
    jobs = [job(50), job(150)]
    assert Task.await_many(jobs) == [:ok, :ok]
    # Another one within that while is the same work.
    assert Task.await(job(50)) == :ok
    assert said(folder) == ["on"]
    Process.sleep(1_000)
    assert said(folder) == ["on", "off"]
    assert Task.await(job(1)) == :ok
    assert said(folder) == ["on", "off", "on"]
  end

  test "a job that is killed has ended too", %{folder: folder} do
    {:ok, pid} =
      Task.start(fn ->
        Protection.begin_job()
        Process.sleep(:infinity)
      end)

    Process.sleep(200)
    Process.exit(pid, :kill)
    Process.sleep(1_000)
    assert said(folder) == ["on", "off"]
  end

  test "no job begins on a node that is on its way out", %{folder: folder} do
    File.write!(Path.join(folder, "ending"), "")
    assert Task.await(job(1)) == {:error, :ending}
    assert said(folder) == []
  end
end
