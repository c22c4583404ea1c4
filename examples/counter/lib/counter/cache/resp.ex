defmodule Counter.Cache.Resp do
  @moduledoc "The serialization protocol of Valkey, version 2, as far as the answers of simple commands go."

  @largest 1024 * 1024

  def encode(words) do
    [
      ?*,
      Integer.to_string(length(words)),
      "\r\n",
      for(word <- words, do: [?$, Integer.to_string(byte_size(word)), "\r\n", word, "\r\n"])
    ]
  end

  @doc "The first answer of a buffer: `{:ok, {:ok, value} | {:error, text}, rest}`."
  @spec decode(binary) :: {:ok, {:ok, term} | {:error, String.t()}, binary} | :more | :error
  def decode(<<type, rest::binary>>) do
    case :binary.split(rest, "\r\n") do
      [line, rest] -> value(type, line, rest)
      [_] when byte_size(rest) > @largest -> :error
      [_] -> :more
    end
  end

  def decode(""), do: :more

  defp value(?+, text, rest), do: {:ok, {:ok, text}, rest}
  defp value(?-, text, rest), do: {:ok, {:error, text}, rest}
  defp value(?:, digits, rest), do: number(digits, &{:ok, {:ok, &1}, rest})
  defp value(?$, digits, rest), do: number(digits, &bulk(&1, rest))
  defp value(_, _, _), do: :error

  defp number(digits, answer) do
    case Integer.parse(digits) do
      {number, ""} -> answer.(number)
      _ -> :error
    end
  end

  defp bulk(-1, rest), do: {:ok, {:ok, nil}, rest}
  defp bulk(size, _rest) when size not in 0..@largest, do: :error

  defp bulk(size, rest) do
    case rest do
      <<text::binary-size(size), "\r\n", rest::binary>> -> {:ok, {:ok, text}, rest}
      _ when byte_size(rest) >= size + 2 -> :error
      _ -> :more
    end
  end
end
