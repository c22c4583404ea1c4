defmodule Counter.Socket do
  @moduledoc "A connection to a server, with TLS or without, read and written in the same way."

  @type t :: {:gen_tcp, :gen_tcp.socket()} | {:ssl, :ssl.sslsocket()}

  @spec connect(String.t(), :inet.port_number(), timeout) :: {:ok, t} | {:error, String.t()}
  def connect(host, port, timeout) do
    name = String.to_charlist(host)

    options = [
      :binary,
      active: false,
      nodelay: true,
      keepalive: true,
      send_timeout: timeout,
      send_timeout_close: true
    ]

    with {:error, first} <- :gen_tcp.connect(name, port, [:inet | options], timeout),
         {:error, second} <- :gen_tcp.connect(name, port, [:inet6 | options], timeout) do
      # The first is the one to tell, unless the name has no IPv4 address at all.
      reason = if first == :nxdomain, do: second, else: first
      {:error, "#{host}:#{port}: #{words(reason)}"}
    else
      {:ok, socket} -> {:ok, {:gen_tcp, socket}}
    end
  end

  @spec secure(t, String.t(), Counter.Tls.authorities(), timeout) ::
          {:ok, t} | {:error, String.t()}
  def secure({:gen_tcp, socket}, host, authorities, timeout) do
    case :ssl.connect(socket, Counter.Tls.options(host, authorities), timeout) do
      {:ok, secured} ->
        {:ok, {:ssl, secured}}

      {:error, reason} ->
        :gen_tcp.close(socket)
        {:error, Counter.Tls.reason(reason)}
    end
  end

  def send({transport, socket}, data), do: transport.send(socket, data)
  def recv({transport, socket}, length, timeout), do: transport.recv(socket, length, timeout)
  def close({transport, socket}), do: transport.close(socket)

  @doc "Asks for one message when something comes, or when the other side goes: `event/2` reads it."
  def watch({:gen_tcp, socket}), do: :inet.setopts(socket, active: :once)
  def watch({:ssl, socket}), do: :ssl.setopts(socket, active: :once)

  @doc "Asks for no such message any more: `:ok`, or `:closed` when one has come already."
  def unwatch({:gen_tcp, socket}), do: quiet(:inet.setopts(socket, active: false), socket)
  def unwatch({:ssl, socket}), do: quiet(:ssl.setopts(socket, active: false), socket)

  @doc "True for a message that says that something came on a watched connection, or that it has ended."
  def event?({_, socket}, message) when is_tuple(message) and tuple_size(message) in 2..3,
    do:
      elem(message, 1) == socket and
        elem(message, 0) in [:tcp, :ssl, :tcp_closed, :ssl_closed, :tcp_error, :ssl_error]

  def event?(_, _), do: false

  defp quiet({:error, _}, _socket), do: :closed

  defp quiet(:ok, socket) do
    receive do
      message when is_tuple(message) and elem(message, 1) == socket -> :closed
    after
      0 -> :ok
    end
  end

  defp words(:timeout), do: "no answer in time"
  defp words(reason), do: :inet.format_error(reason)
end
