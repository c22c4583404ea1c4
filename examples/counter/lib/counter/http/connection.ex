defmodule Counter.Http.Connection do
  @moduledoc """
  One connection, one process: requests in turn until either side has had enough. Each wait has a deadline for the whole of
  what it waits for, so that a client that sends a byte now and then is cut as one that sends none.
  """
  require Logger

  alias Counter.{Drain, Log, Router}
  alias Counter.Http.{Body, Request, Response}
  alias Counter.Websocket.Session

  # Longer than the 300 s for which a load balancer of Beamstalk keeps a connection: who closes first meets a request that
  # is on its way.
  @idle 310_000
  @head 10_000
  @body 60_000
  @send 30_000

  @longest_head 16_384

  # Bytes that the BEAM keeps ready for each socket that waits for input, and one size for all: it hands buffers on from one
  # socket to another. With 16,384 an idle WebSocket took 20.6 KB of the node, with this 5 (`npm run bench:node`).
  @buffer 512

  @doc "Options of the listening socket, which connections inherit: a reader that takes nothing for half a minute is cut."
  def socket_options do
    [
      :binary,
      active: false,
      packet: :raw,
      nodelay: true,
      reuseaddr: true,
      keepalive: true,
      buffer: @buffer
    ] ++
      [send_timeout: @send, send_timeout_close: true]
  end

  @doc "Serves a connection that has been handed over to this process (`:go`)."
  def serve(socket) do
    receive do
      :go -> idle(socket, "")
    after
      @head -> :gen_tcp.close(socket)
    end
  end

  @doc "Ends a connection as soon as it has nothing under way."
  def finish(pid), do: send(pid, :finish)

  # Between two requests, where it may hear of more than its socket.
  defp idle(socket, ""), do: watch(socket, :inet.setopts(socket, active: :once))
  defp idle(socket, buffer), do: head(socket, buffer, from_now(@head))

  defp watch(socket, {:error, _}), do: :gen_tcp.close(socket)

  defp watch(socket, :ok) do
    receive do
      {:tcp, ^socket, data} -> head(socket, data, from_now(@head))
      {:tcp_closed, ^socket} -> :ok
      {:tcp_error, ^socket, _} -> :gen_tcp.close(socket)
      :finish -> :gen_tcp.close(socket)
    after
      @idle -> :gen_tcp.close(socket)
    end
  end

  # Empty lines before a request are passed over (RFC 9112, 2.2).
  defp head(socket, "\r\n" <> buffer, deadline), do: head(socket, buffer, deadline)

  defp head(socket, buffer, deadline) do
    case :binary.split(buffer, "\r\n\r\n") do
      [head, rest] when byte_size(head) <= @longest_head ->
        request(socket, Request.parse(head), rest)

      _ when byte_size(buffer) > @longest_head ->
        refuse(socket, 431)

      [_] ->
        more_of_head(socket, buffer, deadline)
    end
  end

  defp more_of_head(socket, buffer, deadline) do
    case more(socket, buffer, deadline) do
      {:ok, buffer} -> head(socket, buffer, deadline)
      {:error, :timeout} -> refuse(socket, 408)
      {:error, _} -> :gen_tcp.close(socket)
    end
  end

  defp request(socket, {:error, status}, _rest), do: refuse(socket, status)

  defp request(socket, {:ok, request}, rest) do
    with {:ok, framing} <- framing(request),
         :ok <- go_on(socket, request, framing),
         limit = Router.body_limit(request),
         deadline = from_now(@body),
         {:ok, body, rest} <- Body.read(framing, rest, limit, &more(socket, &1, deadline)) do
      # Copied, so that a small body does not hold all that came with it.
      answer(socket, %{request | body: :binary.copy(body)}, rest)
    else
      {:error, :closed} -> :gen_tcp.close(socket)
      {:error, status} -> refuse(socket, status)
    end
  end

  defp framing(request) do
    case Request.framing(request) do
      {:error, status} -> {:error, status}
      framing -> {:ok, framing}
    end
  end

  # A client that asks before it sends hears `go on`, or the refusal (Body.read) at once.
  defp go_on(socket, request, framing) do
    allowed? = framing == :chunked or elem(framing, 1) <= Router.body_limit(request)

    if allowed? and Request.header_has?(request, "expect", "100-continue") do
      with {:error, _} <- :gen_tcp.send(socket, "HTTP/1.1 100 Continue\r\n\r\n"),
           do: {:error, :closed}
    else
      :ok
    end
  end

  defp answer(socket, request, rest) do
    case routed(request) do
      {:websocket, headers} ->
        Log.request(101)
        Session.start(socket, headers, rest)

      %Response{} = response ->
        Log.request(response.status)
        # While the node ends, clients come back to another one.
        keep? = Request.keep_alive?(request) and response.status != 500 and not Drain.on?()
        sent = :gen_tcp.send(socket, Response.encode(response, request.method, keep?))
        if sent == :ok and keep?, do: idle(socket, rest), else: :gen_tcp.close(socket)
    end
  end

  # One request that fails is one answer that says so.
  defp routed(request) do
    Router.call(request)
  catch
    kind, reason ->
      Logger.error(
        "#{request.method} #{request.path}: " <> Exception.format(kind, reason, __STACKTRACE__)
      )

      Response.text(500, "something went wrong")
  end

  # After a refusal nothing of the connection is understood any more. What the client still sends is read for a moment, or the
  # reset that follows unread bytes would take the answer away from it (RFC 9112, 9.6).
  defp refuse(socket, status) do
    Log.request(status)

    :gen_tcp.send(
      socket,
      Response.encode(Response.text(status, "the request is not taken"), "GET", false)
    )

    :gen_tcp.shutdown(socket, :write)
    linger(socket, from_now(1_000))
  end

  defp linger(socket, deadline) do
    case more(socket, "", deadline) do
      {:ok, _} -> linger(socket, deadline)
      {:error, _} -> :gen_tcp.close(socket)
    end
  end

  defp more(socket, buffer, deadline) do
    case :gen_tcp.recv(socket, 0, max(deadline - now(), 0)) do
      {:ok, data} -> {:ok, buffer <> data}
      {:error, reason} -> {:error, reason}
    end
  end

  defp from_now(milliseconds), do: now() + milliseconds
  defp now, do: System.monotonic_time(:millisecond)
end
