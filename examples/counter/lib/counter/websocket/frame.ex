defmodule Counter.Websocket.Frame do
  @moduledoc """
  Frames of a WebSocket: those of clients read, those of the server written.
  Source: RFC 6455, 5.2; without extensions.
  """

  @type opcode :: :continuation | :text | :binary | :close | :ping | :pong
  @type t :: {opcode, final? :: boolean, payload :: binary}

  @opcodes %{0 => :continuation, 1 => :text, 2 => :binary, 8 => :close, 9 => :ping, 10 => :pong}
  @codes Map.new(@opcodes, fn {code, name} -> {name, code} end)

  @largest 64 * 1024

  @doc "Bytes that a message may have, whole or in parts."
  def largest, do: @largest

  @doc "The first frame of a buffer and the rest of it; the close code to end with when it is none that a client may send."
  @spec parse(binary) :: {:ok, t, rest :: binary} | :more | {:error, 1002 | 1009}
  def parse(<<_::1, reserved::3, _::bitstring>>) when reserved != 0, do: {:error, 1002}
  # Clients mask, so that nobody can make them write what a proxy takes for a request.
  def parse(<<_::8, 0::1, _::bitstring>>), do: {:error, 1002}
  def parse(<<_::4, code::4, _::binary>>) when not is_map_key(@opcodes, code), do: {:error, 1002}
  # A control frame is whole and small.
  def parse(<<final::1, _::3, 1::1, _::3, _::1, length::7, _::binary>>)
      when final == 0 or length > 125,
      do: {:error, 1002}

  def parse(<<_::9, 127::7, length::64, _::binary>>) when length > @largest, do: {:error, 1009}
  def parse(<<head::9-bits, 126::7, length::16, rest::binary>>), do: frame(head, length, rest)
  def parse(<<head::9-bits, 127::7, length::64, rest::binary>>), do: frame(head, length, rest)

  def parse(<<head::9-bits, length::7, rest::binary>>) when length < 126,
    do: frame(head, length, rest)

  def parse(_), do: :more

  @doc "A frame of the server."
  @spec encode(opcode, iodata) :: iodata
  def encode(opcode, payload) do
    [
      <<1::1, 0::3, Map.fetch!(@codes, opcode)::4, size(IO.iodata_length(payload))::bitstring>>,
      payload
    ]
  end

  defp size(length) when length < 126, do: <<0::1, length::7>>
  defp size(length) when length < 65_536, do: <<0::1, 126::7, length::16>>
  defp size(length), do: <<0::1, 127::7, length::64>>

  defp frame(<<final::1, _::3, code::4, 1::1>>, length, rest) do
    case rest do
      _ when length > @largest ->
        {:error, 1009}

      <<mask::binary-4, payload::binary-size(length), rest::binary>> ->
        {:ok, {@opcodes[code], final == 1, unmask(payload, mask)}, rest}

      _ ->
        :more
    end
  end

  # The mask as long as the payload, and one operation over all of it.
  defp unmask("", _mask), do: ""

  defp unmask(payload, mask) do
    size = byte_size(payload)
    :crypto.exor(payload, mask |> :binary.copy(div(size, 4) + 1) |> binary_part(0, size))
  end
end
