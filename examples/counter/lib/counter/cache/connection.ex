defmodule Counter.Cache.Connection do
  @moduledoc """
  One connection to Valkey, that comes back by itself.
  Source of the protocol (RESP 2): https://valkey.io/topics/protocol/
  """
  use GenServer
  require Logger

  alias Counter.Cache.Resp
  alias Counter.Socket

  @connect 2_000
  @pauses 100..5_000

  def start_link(target), do: GenServer.start_link(__MODULE__, target)

  @impl true
  def init(target),
    do: {:ok, %{target: target, socket: nil, pause: @pauses.first}, {:continue, :connect}}

  @impl true
  def handle_continue(:connect, state), do: {:noreply, connect(state)}

  @impl true
  def handle_call(_request, _from, %{socket: nil} = state),
    do: {:reply, {:error, :disconnected}, state}

  def handle_call({:command, words, timeout}, _from, %{socket: socket} = state) do
    with :ok <- Socket.unwatch(socket),
         {_, answer} when answer != :lost <- {:answer, ask(socket, words, timeout)},
         :ok <- Socket.watch(socket) do
      {:reply, answer, state}
    else
      _ -> {:reply, {:error, :disconnected}, lost(state)}
    end
  end

  @impl true
  def handle_info(:connect, %{socket: nil} = state), do: {:noreply, connect(state)}

  def handle_info(message, %{socket: socket} = state) do
    if socket != nil and Socket.event?(socket, message),
      do: {:noreply, lost(state)},
      else: {:noreply, state}
  end

  defp connect(%{target: target} = state) do
    with {:ok, socket} <- Socket.connect(target.host, target.port, @connect),
         {:ok, socket} <- secured(socket, target),
         {:ok, _} <- logged_in(socket, target),
         :ok <- Socket.watch(socket) do
      %{state | socket: socket, pause: @pauses.first}
    else
      reason ->
        if state.pause == @pauses.first,
          do: Logger.warning("cache #{target.host}: #{inspect(reason)}")

        again(state)
    end
  end

  defp secured(socket, %{tls: false}), do: {:ok, socket}
  defp secured(socket, target), do: Socket.secure(socket, target.host, target.tls, @connect)

  defp logged_in(_socket, %{password: nil}), do: {:ok, nil}

  defp logged_in(socket, target) do
    words = Enum.reject(["AUTH", target.user, target.password], &is_nil/1)

    with answer when not is_tuple(answer) or elem(answer, 0) != :ok <-
           ask(socket, words, @connect) do
      Socket.close(socket)
      answer
    end
  end

  defp ask(socket, words, timeout) do
    deadline = System.monotonic_time(:millisecond) + timeout

    with :ok <- Socket.send(socket, Resp.encode(words)),
         {:ok, answer} <- answer(socket, "", deadline) do
      answer
    else
      _ -> :lost
    end
  end

  defp answer(socket, buffer, deadline) do
    case Resp.decode(buffer) do
      {:ok, answer, ""} ->
        {:ok, answer}

      :more ->
        with {:ok, data} <-
               Socket.recv(socket, 0, max(deadline - System.monotonic_time(:millisecond), 0)),
             do: answer(socket, buffer <> data, deadline)

      # An answer to nothing, or none at all: what comes next would be taken for the answer to something else.
      _ ->
        :error
    end
  end

  defp lost(state) do
    Socket.close(state.socket)
    again(%{state | socket: nil})
  end

  defp again(%{pause: pause} = state) do
    Process.send_after(self(), :connect, div(pause, 2) + :rand.uniform(div(pause, 2)))
    %{state | pause: min(pause * 2, @pauses.last)}
  end
end
