defmodule Counter.Websocket.Session do
  @moduledoc """
  A WebSocket for as long as it is open: text comes back as it is, and each change of the counter is told. An idle one takes
  as little memory as a process can: its heap is thrown away (hibernation), and binaries are copied before they are kept.
  """

  alias Counter.Http.Response
  alias Counter.Sockets
  alias Counter.Websocket.Frame

  # A client that is gone without a word is found out after two of these; what is on the way hears of a living one.
  @ping 50_000
  @quiet 2_000
  @close 5_000

  # Of a peer that reads slowly; then it is too far behind for news.
  @longest_mailbox 500

  defstruct [:socket, buffer: "", parts: [], kind: nil, size: 0, answered?: true]

  @doc "Answers the upgrade, and serves until one side ends it."
  def start(socket, headers, buffer) do
    Sockets.join()

    with :ok <- :gen_tcp.send(socket, Response.head(101, headers)) do
      schedule_ping()
      frames(%__MODULE__{socket: socket, buffer: buffer})
    end
  end

  @doc "Sends a text, as a message to the process of a WebSocket."
  def tell(pid, text), do: send(pid, {:tell, text})

  @doc "Closes because the server goes (1001): the client may come again, to another node."
  def leave(pid), do: send(pid, :finish)

  defp await(state) do
    case :inet.setopts(state.socket, active: :once) do
      :ok -> loop(state)
      {:error, _} -> done(state)
    end
  end

  @doc false
  def loop(%{socket: socket} = state) do
    receive do
      {:tcp, ^socket, data} -> frames(%{state | buffer: state.buffer <> data})
      {:tcp_closed, ^socket} -> done(state)
      {:tcp_error, ^socket, _} -> done(state)
      {:tell, text} -> tell_on(state, text)
      :ping -> ping(state)
      :finish -> close(state, 1001)
    after
      # Until the next message.
      @quiet -> :proc_lib.hibernate(__MODULE__, :loop, [state])
    end
  end

  defp tell_on(state, text) do
    {:message_queue_len, waiting} = Process.info(self(), :message_queue_len)

    cond do
      waiting > @longest_mailbox -> close(state, 1008)
      :gen_tcp.send(state.socket, Frame.encode(:text, text)) == :ok -> loop(state)
      true -> done(state)
    end
  end

  defp ping(%{answered?: false} = state), do: done(state)

  defp ping(state) do
    schedule_ping()

    if :gen_tcp.send(state.socket, Frame.encode(:ping, "")) == :ok,
      do: loop(%{state | answered?: false}),
      else: done(state)
  end

  # By chance a little earlier or later, or all that came together would be asked together for ever.
  defp schedule_ping, do: Process.send_after(self(), :ping, @ping - :rand.uniform(5_000))

  defp frames(state) do
    case Frame.parse(state.buffer) do
      {:ok, frame, rest} -> frame(frame, %{state | buffer: rest, answered?: true})
      :more -> await(%{state | buffer: :binary.copy(state.buffer)})
      {:error, code} -> close(state, code)
    end
  end

  defp frame({:ping, _, payload}, state), do: reply(state, :pong, payload)
  defp frame({:pong, _, _}, state), do: frames(state)
  defp frame({:close, _, payload}, state), do: closed_by_client(state, payload)

  # A message begins, goes on and ends in this order only.
  defp frame({:continuation, _, _}, %{kind: nil} = state), do: close(state, 1002)
  defp frame({:continuation, final?, payload}, state), do: part(state, final?, payload)

  defp frame({kind, final?, payload}, %{kind: nil} = state),
    do: part(%{state | kind: kind}, final?, payload)

  defp frame(_, state), do: close(state, 1002)

  defp part(state, final?, payload) do
    size = state.size + byte_size(payload)
    parts = [payload | state.parts]

    cond do
      size > Frame.largest() or length(parts) > 1_000 ->
        close(state, 1009)

      final? ->
        message(
          %{state | parts: [], size: 0, kind: nil},
          state.kind,
          parts |> Enum.reverse() |> IO.iodata_to_binary()
        )

      true ->
        frames(%{state | parts: parts, size: size})
    end
  end

  defp message(state, :text, text) do
    if String.valid?(text), do: reply(state, :text, text), else: close(state, 1007)
  end

  defp message(state, :binary, _), do: close(state, 1003)

  defp reply(state, opcode, payload) do
    if :gen_tcp.send(state.socket, Frame.encode(opcode, payload)) == :ok,
      do: frames(state),
      else: done(state)
  end

  # Says why, and waits a moment for the client to say the same.
  defp close(state, code) do
    Sockets.leave()
    :gen_tcp.send(state.socket, Frame.encode(:close, <<code::16>>))
    :gen_tcp.shutdown(state.socket, :write)
    :inet.setopts(state.socket, active: false)
    read_out(state.socket, System.monotonic_time(:millisecond) + @close)
    done(state)
  end

  defp read_out(socket, deadline) do
    case :gen_tcp.recv(socket, 0, max(deadline - System.monotonic_time(:millisecond), 0)) do
      {:ok, _} -> read_out(socket, deadline)
      {:error, _} -> :ok
    end
  end

  defp closed_by_client(state, payload) do
    code =
      if match?(<<code::16, _::binary>> when code in 1000..4999, payload),
        do: binary_part(payload, 0, 2),
        else: ""

    :gen_tcp.send(state.socket, Frame.encode(:close, code))
    done(state)
  end

  defp done(state) do
    :gen_tcp.close(state.socket)
    :ok
  end
end
