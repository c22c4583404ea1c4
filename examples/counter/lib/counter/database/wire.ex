defmodule Counter.Database.Wire do
  @moduledoc """
  The part of PostgreSQL's protocol that this application speaks: TLS, login by SCRAM, one statement with parameters at a
  time (values as text), several without. A value of its own, without a process: whoever holds it uses it.
  Source: https://www.postgresql.org/docs/17/protocol.html, read 2026-11-29.
  """

  alias Counter.Database.{Error, Scram}
  alias Counter.Socket

  defstruct [:socket, :deadline]

  @type target :: %{
          host: String.t(),
          port: :inet.port_number(),
          user: String.t(),
          password: String.t(),
          name: String.t(),
          tls: false | Counter.Tls.authorities()
        }
  @type t :: %__MODULE__{}
  @type rows :: [[String.t() | nil]]

  @protocol 3 * 65_536
  @tls_request 80_877_103

  # Above it an answer is none of ours.
  @largest 16 * 1024 * 1024

  @doc "Connects and logs in. Errors are sentences, without the password."
  @spec connect(target, timeout, %{String.t() => String.t()}) :: {:ok, t} | {:error, String.t()}
  def connect(target, timeout \\ 5_000, parameters \\ %{}) do
    with {:ok, socket} <- Socket.connect(target.host, target.port, timeout),
         {:ok, socket} <- secured(socket, target, timeout) do
      wire = within(%__MODULE__{socket: socket}, timeout)

      case start(wire, target, parameters) do
        :ok ->
          {:ok, wire}

        {:error, reason} ->
          close(wire)
          {:error, message(reason)}
      end
    end
  end

  @doc "Runs one statement. `{:error, :disconnected}` leaves nothing to go on with; after an `Error` the connection is well."
  @spec query(t, String.t(), [String.Chars.t() | nil], timeout) ::
          {:ok, rows} | {:error, Error.t() | :disconnected}
  def query(wire, statement, parameters, timeout) do
    values = for value <- parameters, do: bound(value)
    count = <<length(parameters)::16>>

    messages = [
      frame(?P, [0, statement, 0, <<0::16>>]),
      # Text for every parameter and every column.
      frame(?B, [0, 0, <<0::16>>, count, values, <<0::16>>]),
      frame(?E, [0, <<0::32>>]),
      frame(?S, [])
    ]

    ask(within(wire, timeout), messages)
  end

  @doc "Runs several statements, separated by `;`; rows of all of them in turn."
  @spec script(t, String.t(), timeout) :: {:ok, rows} | {:error, Error.t() | :disconnected}
  def script(wire, statements, timeout),
    do: ask(within(wire, timeout), frame(?Q, [statements, 0]))

  def close(wire) do
    Socket.send(wire.socket, frame(?X, []))
    Socket.close(wire.socket)
  end

  # One deadline for the whole exchange: a server that sends a byte now and then does not prolong it.
  defp within(wire, timeout),
    do: %{wire | deadline: System.monotonic_time(:millisecond) + timeout}

  defp secured(socket, %{tls: false}, _timeout), do: {:ok, socket}

  defp secured(socket, %{tls: authorities} = target, timeout) do
    with :ok <- Socket.send(socket, <<8::32, @tls_request::32>>),
         # Exactly one byte: more would be from somebody who wants it to be taken for the server's, before TLS.
         {:ok, "S"} <- Socket.recv(socket, 1, timeout) do
      Socket.secure(socket, target.host, authorities, timeout)
    else
      {:ok, _} ->
        Socket.close(socket)
        {:error, "#{target.host} does not speak TLS"}

      {:error, reason} ->
        Socket.close(socket)
        {:error, "#{target.host}: #{inspect(reason)}"}
    end
  end

  defp start(wire, target, parameters) do
    pairs =
      Map.merge(
        %{
          "user" => target.user,
          "database" => target.name,
          "application_name" => "counter",
          "client_encoding" => "UTF8"
        },
        parameters
      )

    body = [<<@protocol::32>>, for({name, value} <- pairs, do: [name, 0, value, 0]), 0]

    with :ok <- transmit(wire, [<<IO.iodata_length(body) + 4::32>>, body]),
         :ok <- authenticate(wire, target.password) do
      until_ready(wire)
    end
  end

  defp authenticate(wire, password) do
    case receive_message(wire) do
      {:ok, ?R, <<0::32>>} ->
        :ok

      {:ok, ?R, <<10::32, mechanisms::binary>>} ->
        if "SCRAM-SHA-256" in :binary.split(mechanisms, <<0>>, [:global]),
          do: scram(wire, password),
          else: {:error, "the server offers no SCRAM-SHA-256"}

      {:ok, ?R, <<method::32, _::binary>>} ->
        {:error,
         "the server asks for authentication #{method}; this client knows SCRAM-SHA-256 alone"}

      {:ok, ?E, body} ->
        {:error, error(body)}

      {:ok, _, _} ->
        {:error, "the server does not speak PostgreSQL's protocol"}

      {:error, reason} ->
        {:error, reason}
    end
  end

  defp scram(wire, password) do
    {first, _} = mine = Scram.first()
    initial = Scram.initial(first)

    with :ok <-
           transmit(wire, frame(?p, ["SCRAM-SHA-256", 0, <<byte_size(initial)::32>>, initial])),
         {:ok, ?R, <<11::32, challenge::binary>>} <- receive_message(wire),
         {:ok, final, signature} <- Scram.answer(mine, challenge, password),
         :ok <- transmit(wire, frame(?p, final)),
         {:ok, ?R, <<12::32, proof::binary>>} <- receive_message(wire),
         {:server, true} <- {:server, Scram.verified?(proof, signature)},
         {:ok, ?R, <<0::32>>} <- receive_message(wire) do
      :ok
    else
      {:ok, ?E, body} -> {:error, error(body)}
      {:server, false} -> {:error, "the server does not know the password itself"}
      {:ok, _, _} -> {:error, "the server does not keep to SCRAM"}
      {:error, reason} -> {:error, reason}
    end
  end

  defp until_ready(wire) do
    case receive_message(wire) do
      {:ok, ?Z, _} -> :ok
      {:ok, ?E, body} -> {:error, error(body)}
      {:ok, _, _} -> until_ready(wire)
      {:error, reason} -> {:error, reason}
    end
  end

  defp ask(wire, messages) do
    with :ok <- transmit(wire, messages), do: answers(wire, [], nil)
  end

  # Rows come until the server is ready for the next statement, also after an error.
  defp answers(wire, rows, failure) do
    case receive_message(wire) do
      {:ok, ?D, <<_count::16, columns::binary>>} -> answers(wire, [row(columns) | rows], failure)
      {:ok, ?E, body} -> answers(wire, rows, failure || error(body))
      {:ok, ?Z, _} -> if failure, do: {:error, failure}, else: {:ok, Enum.reverse(rows)}
      {:ok, _, _} -> answers(wire, rows, failure)
      # After the error that an administrator's `terminate` is comes the end, and that is what counts.
      {:error, :disconnected} -> {:error, :disconnected}
    end
  end

  defp row(<<>>), do: []
  defp row(<<-1::signed-32, rest::binary>>), do: [nil | row(rest)]
  defp row(<<size::32, value::binary-size(size), rest::binary>>), do: [value | row(rest)]

  defp bound(nil), do: <<-1::signed-32>>

  defp bound(value) do
    text = to_string(value)
    [<<byte_size(text)::32>>, text]
  end

  defp error(body) do
    fields =
      for <<type, text::binary>> <- :binary.split(body, <<0>>, [:global]),
          into: %{},
          do: {type, text}

    %Error{code: fields[?C], message: fields[?M]}
  end

  defp message(%Error{} = error), do: error.message
  defp message(:disconnected), do: "the server ended the connection"
  defp message(text), do: text

  defp frame(type, body), do: [type, <<IO.iodata_length(body) + 4::32>>, body]

  defp transmit(wire, data) do
    with {:error, _} <- Socket.send(wire.socket, data), do: {:error, :disconnected}
  end

  defp receive_message(wire) do
    with {:ok, <<type, size::32>>} <- Socket.recv(wire.socket, 5, left(wire)),
         true <- size in 4..@largest,
         {:ok, body} <- body(wire, size - 4) do
      {:ok, type, body}
    else
      _ -> {:error, :disconnected}
    end
  end

  defp body(_wire, 0), do: {:ok, ""}
  defp body(wire, size), do: Socket.recv(wire.socket, size, left(wire))

  defp left(wire), do: max(wire.deadline - System.monotonic_time(:millisecond), 0)
end
