defmodule Counter.Aws.HttpTest do
  use ExUnit.Case, async: true

  alias Counter.Aws.Http

  # Answers each request with the number of its connection, one to /slow after a second.
  setup do
    {:ok, listener} = :gen_tcp.listen(0, [:binary, active: false])
    {:ok, port} = :inet.port(listener)
    start_supervised!({Task, fn -> accept(listener, 1) end})
    %{uri: URI.parse("http://127.0.0.1:#{port}")}
  end

  defp accept(listener, number) do
    {:ok, socket} = :gen_tcp.accept(listener)
    {:ok, pid} = Task.start_link(fn -> receive(do: (:go -> serve(socket, number))) end)
    :ok = :gen_tcp.controlling_process(socket, pid)
    send(pid, :go)
    accept(listener, number + 1)
  end

  defp serve(socket, number) do
    with {:ok, request} <- :gen_tcp.recv(socket, 0) do
      if request =~ "/slow", do: Process.sleep(1_000)
      :gen_tcp.send(socket, "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n#{number}")
      serve(socket, number)
    end
  end

  defp get(uri, path) do
    {microseconds, {:ok, 200, _, connection}} =
      :timer.tc(fn -> Http.request("GET", %{uri | path: path}, %{}, "", 5_000) end)

    {div(microseconds, 1_000), connection}
  end

  test "a request waits behind no other, and goes on with a connection that is free", %{uri: uri} do
    assert {_, "1"} = get(uri, "/")
    Process.sleep(50)
    assert {_, "1"} = get(uri, "/")
    Process.sleep(50)

    slow = Task.async(fn -> get(uri, "/slow") end)
    Process.sleep(100)
    assert {milliseconds, "2"} = get(uri, "/")
    assert milliseconds < 800
    assert {_, "1"} = Task.await(slow)
  end
end
