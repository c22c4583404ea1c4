defmodule Counter.Http.Body do
  @moduledoc "Reads the body of a request, of a length or in chunks, as much as is allowed and within its time."

  @type read :: (binary -> {:ok, binary} | {:error, :timeout | :closed})

  @longest_chunk_line 1_024

  @doc "The body, and what came behind it. `more` appends to a buffer what comes next on the connection."
  @spec read({:length, non_neg_integer} | :chunked, binary, non_neg_integer, read) ::
          {:ok, body :: binary, rest :: binary} | {:error, 400 | 408 | 413 | :closed}
  def read({:length, length}, _buffer, limit, _more) when length > limit, do: {:error, 413}

  def read({:length, length}, buffer, _limit, more),
    do: take(length, [buffer], byte_size(buffer), more)

  def read(:chunked, buffer, limit, more), do: chunks(buffer, [], 0, limit, more)

  # Parts are joined once: to append each to a binary of its own would copy the body again and again.
  defp take(length, parts, size, _more) when size >= length do
    <<body::binary-size(length), rest::binary>> = parts |> Enum.reverse() |> IO.iodata_to_binary()
    {:ok, body, rest}
  end

  defp take(length, parts, size, more) do
    with {:ok, part} <- next(more, ""),
         do: take(length, [part | parts], size + byte_size(part), more)
  end

  defp chunks(buffer, parts, size, limit, more) do
    with {:ok, line, rest} <- line(buffer, more),
         {:ok, length} <- chunk_size(line),
         true <- size + length <= limit || {:error, 413} do
      if length == 0,
        do: trailer(rest, parts, more),
        else: chunk(rest, length, parts, size, limit, more)
    end
  end

  defp chunk(rest, length, parts, size, limit, more) do
    case take(length + 2, [rest], byte_size(rest), more) do
      {:ok, <<data::binary-size(length), "\r\n">>, rest} ->
        chunks(rest, [data | parts], size + length, limit, more)

      {:ok, _, _} ->
        {:error, 400}

      {:error, reason} ->
        {:error, reason}
    end
  end

  # Fields after the last chunk are left out: nothing of them is to be believed.
  defp trailer(buffer, parts, more, lines \\ 0) do
    case line(buffer, more) do
      {:ok, "", rest} -> {:ok, parts |> Enum.reverse() |> IO.iodata_to_binary(), rest}
      {:ok, _, _} when lines >= 20 -> {:error, 400}
      {:ok, _, rest} -> trailer(rest, parts, more, lines + 1)
      {:error, reason} -> {:error, reason}
    end
  end

  defp chunk_size(line) do
    case Regex.run(~r/\A([0-9A-Fa-f]{1,8})(?:[ \t]*;.*)?\z/, line) do
      [_, digits] -> {:ok, String.to_integer(digits, 16)}
      nil -> {:error, 400}
    end
  end

  defp line(buffer, more) do
    case :binary.split(buffer, "\r\n") do
      [line, rest] -> {:ok, line, rest}
      [_] when byte_size(buffer) > @longest_chunk_line -> {:error, 400}
      [_] -> with {:ok, buffer} <- next(more, buffer), do: line(buffer, more)
    end
  end

  defp next(more, buffer) do
    case more.(buffer) do
      {:ok, buffer} -> {:ok, buffer}
      {:error, :timeout} -> {:error, 408}
      {:error, _} -> {:error, :closed}
    end
  end
end
