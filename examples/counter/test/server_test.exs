defmodule Counter.ServerTest do
  # One application, one drain: not beside others.
  use ExUnit.Case

  alias Counter.{Drain, Http, Sockets}

  setup do
    {:ok, probe} = :gen_tcp.listen(0, [])
    {:ok, port} = :inet.port(probe)
    :gen_tcp.close(probe)

    start_supervised!({Http.Connections, most: 100})
    start_supervised!({Http.Listener, name: Http.Listener, port: port, backlog: 128})
    on_exit(&Drain.reset/0)
    %{port: port}
  end

  defp connect(port) do
    {:ok, socket} = :gen_tcp.connect(~c"127.0.0.1", port, [:binary, active: false, packet: :raw])
    socket
  end

  defp say(socket, text), do: :ok = :gen_tcp.send(socket, text)

  # A whole answer: status, headers and body.
  defp hear(socket, buffer \\ "") do
    with [head, rest] <- :binary.split(buffer, "\r\n\r\n"),
         ["HTTP/1.1 " <> <<status::binary-3>> <> _ | lines] <- String.split(head, "\r\n"),
         headers = Map.new(lines, &(&1 |> String.split(": ", parts: 2) |> List.to_tuple())),
         size = headers |> Map.get("content-length", "0") |> String.to_integer(),
         true <- byte_size(rest) >= size do
      <<body::binary-size(size), rest::binary>> = rest
      {String.to_integer(status), headers, body, rest}
    else
      _ ->
        {:ok, more} = :gen_tcp.recv(socket, 0, 5_000)
        hear(socket, buffer <> more)
    end
  end

  defp get(port, path) do
    socket = connect(port)
    say(socket, "GET #{path} HTTP/1.1\r\nhost: a\r\n\r\n")
    hear(socket)
  end

  defp websocket(port, headers \\ "") do
    socket = connect(port)

    say(
      socket,
      "GET /socket HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, Upgrade\r\nupgrade: WebSocket\r\n" <>
        "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n#{headers}\r\n"
    )

    {socket, hear(socket)}
  end

  defp frame(code, payload),
    do: <<1::1, 0::3, code::4, 1::1, byte_size(payload)::7, 0::32, payload::binary>>

  test "one connection takes requests in turn, and several at once", %{port: port} do
    socket = connect(port)
    say(socket, "GET /echo?message=one HTTP/1.1\r\nhost: a\r\n\r\n")
    assert {200, %{"content-type" => "text/plain; charset=utf-8"}, "one\n", ""} = hear(socket)

    say(
      socket,
      "GET /echo?message=two HTTP/1.1\r\nhost: a\r\n\r\n\r\nGET /nowhere HTTP/1.1\r\nhost: a\r\n\r\n"
    )

    {200, _, "two\n", rest} = hear(socket)
    assert {404, _, _, ""} = hear(socket, rest)

    say(
      socket,
      "POST /echo HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"
    )

    assert {405, _, _, ""} = hear(socket)
  end

  test "HEAD tells the length of what it leaves out", %{port: port} do
    socket = connect(port)
    say(socket, "HEAD /echo?message=one HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    {:ok, text} = :gen_tcp.recv(socket, 0, 5_000)
    assert text =~ "content-length: 4\r\n" and String.ends_with?(text, "\r\n\r\n")
    assert :gen_tcp.recv(socket, 0, 5_000) == {:error, :closed}
  end

  test "a client that asks first is told to go on, or is refused before it sends", %{port: port} do
    socket = connect(port)

    say(
      socket,
      "POST /jobs HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 1\r\n\r\n"
    )

    assert {:ok, "HTTP/1.1 100 Continue\r\n\r\n"} = :gen_tcp.recv(socket, 0, 5_000)
    say(socket, "1")
    assert {503, _, "{\"error\":\"there is no queue" <> _, ""} = hear(socket)

    socket = connect(port)

    say(
      socket,
      "POST /jobs HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 999999\r\n\r\n"
    )

    assert {413, %{"connection" => "close"}, _, _} = hear(socket)
  end

  test "a head that does not end is refused", %{port: port} do
    socket = connect(port)
    say(socket, "GET / HTTP/1.1\r\nhost: a\r\nx: #{String.duplicate("a", 20_000)}")
    assert {431, %{"connection" => "close"}, _, _} = hear(socket)
  end

  @tag :capture_log
  test "whatever is sent, it answers or closes, and serves on", %{port: port} do
    :rand.seed(:exsss, {1, 2, 3})

    request =
      "POST /echo?message=a HTTP/1.1\r\nhost: a\r\ncookie: a=b\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"

    upgrade =
      "GET /socket HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n" <>
        "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" <>
        frame(1, "hello") <> frame(9, "p") <> frame(2, "x")

    for _ <- 1..1_000 do
      socket = connect(port)
      say(socket, Enum.random([request, upgrade]) |> changed(:rand.uniform(6)))
      :gen_tcp.shutdown(socket, :write)
      refute answers(socket) =~ "HTTP/1.1 500"
    end

    assert {200, _, "<!doctype html>" <> _, _} = get(port, "/")
    # All of them are gone: none waits for something that does not come.
    Process.sleep(500)
    assert length(Http.Connections.all()) <= 2
  end

  defp changed(text, 0), do: text

  defp changed(text, times) do
    at = :rand.uniform(byte_size(text)) - 1
    <<before::binary-size(at), byte, rest::binary>> = text

    case :rand.uniform(4) do
      1 -> before <> rest
      2 -> before <> <<:rand.uniform(256) - 1>> <> rest
      3 -> before <> <<byte, byte>> <> rest
      4 -> before <> <<Bitwise.bxor(byte, Bitwise.bsl(1, :rand.uniform(8) - 1))>> <> rest
    end
    |> changed(times - 1)
  end

  # All that comes until the server closes.
  defp answers(socket, text \\ "") do
    case :gen_tcp.recv(socket, 0, 15_000) do
      {:ok, more} -> answers(socket, text <> more)
      {:error, _} -> text
    end
  end

  test "no more connections than there may be", %{port: port} do
    # A few more than 100, for each supervisor rounds up.
    sockets = for _ <- 1..130, do: connect(port)
    Process.sleep(200)
    for socket <- sockets, do: :gen_tcp.send(socket, "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    served = Enum.count(sockets, &match?({:ok, "HTTP/1.1 200" <> _}, :gen_tcp.recv(&1, 0, 2_000)))
    assert served in 50..110
  end

  @tag :capture_log
  test "without a database it is not well, and serves", %{port: port} do
    assert {503, _, "{\"status\":\"no database\"}\n", _} = get(port, "/health")
    assert {503, %{"retry-after" => "1"}, _, _} = get(port, "/counter")
    assert {200, _, "<!doctype html>" <> _, _} = get(port, "/")
    assert {200, _, nodes, _} = get(port, "/nodes")
    assert {:ok, %{"members" => [_], "node" => _}} = Counter.Json.decode(nodes)
  end

  test "visits are counted for whom they are of", %{port: port} do
    assert {200, %{"set-cookie" => cookie}, "{" <> first, _} = get(port, "/session")
    assert first =~ ~s("visits":1)
    [pair | attributes] = String.split(cookie, "; ")

    assert "HttpOnly" in attributes and "SameSite=Lax" in attributes and
             "Secure" not in attributes

    socket = connect(port)
    headers = "host: a\r\ncookie: x=y; #{pair}\r\ncloudfront-forwarded-proto: https\r\n"
    say(socket, "GET /session HTTP/1.1\r\n#{headers}\r\n")
    assert {200, %{"set-cookie" => again}, second, _} = hear(socket)
    assert second =~ ~s("visits":2)
    assert String.starts_with?(again, pair) and String.ends_with?(again, "; Secure")

    # A number that somebody made up begins a session of another one.
    socket = connect(port)
    made_up = Base.url_encode64(:binary.copy("a", 32), padding: false)
    say(socket, "GET /session HTTP/1.1\r\nhost: a\r\ncookie: counter_session=#{made_up}\r\n\r\n")
    assert {200, %{"set-cookie" => other}, third, _} = hear(socket)
    assert third =~ ~s("visits":1)
    refute other =~ made_up
  end

  test "a WebSocket echoes, in parts as well, answers pings and hears of the counter", %{
    port: port
  } do
    {socket, {101, headers, "", ""}} = websocket(port)
    assert headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    say(socket, frame(1, "hello"))
    assert {:ok, <<0x81, 5, "hello">>} = :gen_tcp.recv(socket, 7, 5_000)

    <<first, rest::binary>> = frame(1, "he")
    say(socket, [<<Bitwise.band(first, 0x7F)>>, rest, frame(9, "p"), frame(0, "llo")])
    assert {:ok, <<0x8A, 1, "p", 0x81, 5, "hello">>} = :gen_tcp.recv(socket, 10, 5_000)

    Counter.Broadcast.everywhere("news")
    assert {:ok, <<0x81, 4, "news">>} = :gen_tcp.recv(socket, 6, 5_000)

    # Longer than the quiet after which it hibernates.
    Process.sleep(2_300)
    say(socket, frame(1, "again"))
    assert {:ok, <<0x81, 5, "again">>} = :gen_tcp.recv(socket, 7, 5_000)

    say(socket, frame(1, <<0xFF>>))
    assert {:ok, <<0x88, 2, 1007::16>>} = :gen_tcp.recv(socket, 4, 5_000)
  end

  test "drained, WebSockets go at the rate, and nobody new comes", %{port: port} do
    open = for _ <- 1..12, do: elem(websocket(port), 0)
    socket = connect(port)
    say(socket, "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert {200, headers, _, _} = hear(socket)
    refute Map.has_key?(headers, "connection")
    assert Sockets.count() == 12

    idle = connect(port)
    say(idle, "GET / HTTP/1.1\r\nhost: a\r\n\r\n")
    assert {200, _, _, _} = hear(idle)

    Drain.begin()
    say(socket, "GET /echo?message=last HTTP/1.1\r\nhost: a\r\n\r\n")
    assert {200, %{"connection" => "close"}, "last\n", _} = hear(socket)
    assert {_, {503, _, _, _}} = websocket(port)

    assert {503, %{"connection" => "close"}, "{\"status\":\"draining\"}\n", _} =
             get(port, "/health")

    # Whose caller was lost: it has let one go, and would another each second.
    {:ok, earlier} = Task.start(fn -> Drain.run(1) end)
    gone = Process.monitor(earlier)
    Process.sleep(300)
    {microseconds, :ok} = :timer.tc(fn -> Drain.run(20) end)
    assert_received {:DOWN, ^gone, :process, ^earlier, :killed}
    # 11 at 20 a second, the first at once.
    assert microseconds in 400_000..1_500_000
    for socket <- open, do: assert({:ok, <<0x88, 2, 1001::16>>} = :gen_tcp.recv(socket, 4, 5_000))
    assert :gen_tcp.recv(idle, 0, 5_000) == {:error, :closed}
  end
end
