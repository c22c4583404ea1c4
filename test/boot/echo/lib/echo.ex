defmodule Echo do
  @moduledoc """
  The least release that a node can boot: HTTP on PORT. `/echo?message=x` answers x, `/where` the address that was
  asked, `/headers` what the proxy said about the client, anything else nothing.
  """
  use Application

  @impl true
  def start(_type, _args) do
    {:ok, listener} =
      :gen_tcp.listen(String.to_integer(System.fetch_env!("PORT")), [
        :binary,
        packet: :http_bin,
        active: false,
        reuseaddr: true,
        backlog: 16_384
      ])

    children = [Supervisor.child_spec({Task, fn -> accept(listener) end}, restart: :permanent)]
    Supervisor.start_link(children, strategy: :one_for_one)
  end

  @doc "Called by bin/drain: leaves a note of the rate it was given."
  def drain(rate), do: File.write!(Path.join(System.fetch_env!("HOME"), "drained"), "#{rate}\n")

  defp accept(listener) do
    {:ok, socket} = :gen_tcp.accept(listener)
    {:ok, pid} = Task.start(fn -> receive(do: (:go -> serve(socket))) end)
    :ok = :gen_tcp.controlling_process(socket, pid)
    send(pid, :go)
    accept(listener)
  end

  defp serve(socket) do
    case request(socket, nil, []) do
      {path, headers} ->
        body = answer(path, headers, socket)
        :gen_tcp.send(socket, "HTTP/1.1 200 OK\r\ncontent-length: #{byte_size(body)}\r\n\r\n#{body}")
        serve(socket)

      :closed ->
        :gen_tcp.close(socket)
    end
  end

  defp request(socket, path, headers) do
    case :gen_tcp.recv(socket, 0) do
      {:ok, {:http_request, _method, {:abs_path, path}, _version}} -> request(socket, path, headers)
      {:ok, {:http_header, _, name, _, value}} -> request(socket, path, [{String.downcase(to_string(name)), value} | headers])
      {:ok, :http_eoh} -> {path, headers}
      _ -> :closed
    end
  end

  defp answer("/echo?message=" <> message, _headers, _socket), do: message <> "\n"

  defp answer("/where", _headers, socket) do
    {:ok, {address, _port}} = :inet.sockname(socket)
    "#{:inet.ntoa(address)}\n"
  end

  defp answer("/headers", headers, _socket) do
    for name <- ["host", "x-forwarded-for", "x-forwarded-proto"], {^name, value} <- headers, into: "", do: "#{name}: #{value}\n"
  end

  # Work that can wait, for a proxy that may turn it away.
  defp answer("/batch" <> path, headers, socket), do: answer(path, headers, socket)
  defp answer(_path, _headers, _socket), do: ""
end
