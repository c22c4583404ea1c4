defmodule Counter.Json.Plain do
  @moduledoc """
  As much JSON as this application needs, for Elixir before 1.18: objects, lists, strings, numbers, booleans and null.
  Depth is bounded, for a text comes from outside.
  """

  @deepest 32

  @spec decode(binary) :: {:ok, term} | :error
  def decode(text) do
    with true <- String.valid?(text),
         {value, rest} <- value(blank(text), @deepest),
         "" <- blank(rest) do
      {:ok, value}
    else
      _ -> :error
    end
  end

  def encode(value), do: value |> iodata() |> IO.iodata_to_binary()

  defp iodata(map) when is_map(map),
    do: [
      ?{,
      Enum.map_intersperse(map, ?,, fn {key, value} ->
        [quoted(to_string(key)), ?:, iodata(value)]
      end),
      ?}
    ]

  defp iodata(list) when is_list(list), do: [?[, Enum.map_intersperse(list, ?,, &iodata/1), ?]]

  defp iodata(value) when value in [nil, true, false],
    do: if(value == nil, do: "null", else: to_string(value))

  defp iodata(number) when is_number(number), do: to_string(number)
  defp iodata(text), do: quoted(to_string(text))

  defp quoted(text), do: [?", for(<<char::utf8 <- text>>, do: escaped(char)), ?"]
  defp escaped(char) when char in [?", ?\\], do: [?\\, char]

  defp escaped(char) when char < 0x20,
    do: ["\\u", char |> Integer.to_string(16) |> String.pad_leading(4, "0")]

  defp escaped(char), do: <<char::utf8>>

  defp blank(<<char, rest::binary>>) when char in [?\s, ?\t, ?\r, ?\n], do: blank(rest)
  defp blank(rest), do: rest

  defp value(_, 0), do: :error
  defp value("{" <> rest, depth), do: object(blank(rest), %{}, depth)
  defp value("[" <> rest, depth), do: list(blank(rest), [], depth)
  defp value("\"" <> rest, _), do: string(rest, [])
  defp value("true" <> rest, _), do: {true, rest}
  defp value("false" <> rest, _), do: {false, rest}
  defp value("null" <> rest, _), do: {nil, rest}
  defp value(rest, _), do: number(rest)

  defp object("}" <> rest, map, _) when map == %{}, do: {map, rest}

  defp object("\"" <> rest, map, depth) do
    with {key, rest} <- string(rest, []),
         ":" <> rest <- blank(rest),
         {value, rest} <- value(blank(rest), depth - 1) do
      case blank(rest) do
        "," <> rest -> object(blank(rest), Map.put(map, key, value), depth)
        "}" <> rest -> {Map.put(map, key, value), rest}
        _ -> :error
      end
    else
      _ -> :error
    end
  end

  defp object(_, _, _), do: :error

  defp list("]" <> rest, [], _), do: {[], rest}

  defp list(rest, values, depth) do
    with {value, rest} <- value(rest, depth - 1) do
      case blank(rest) do
        "," <> rest -> list(blank(rest), [value | values], depth)
        "]" <> rest -> {Enum.reverse([value | values]), rest}
        _ -> :error
      end
    end
  end

  defp string("\"" <> rest, done), do: {done |> Enum.reverse() |> IO.iodata_to_binary(), rest}

  defp string("\\u" <> <<high::binary-4, "\\u", low::binary-4, rest::binary>> = text, done) do
    case {hex(high), hex(low)} do
      {h, l} when h in 0xD800..0xDBFF and l in 0xDC00..0xDFFF ->
        string(rest, [<<0x10000 + (h - 0xD800) * 0x400 + (l - 0xDC00)::utf8>> | done])

      _ ->
        single(text, done)
    end
  end

  defp string("\\u" <> _ = text, done), do: single(text, done)

  for {letter, char} <- [
        {?", ?"},
        {?\\, ?\\},
        {?/, ?/},
        {?b, ?\b},
        {?f, ?\f},
        {?n, ?\n},
        {?r, ?\r},
        {?t, ?\t}
      ] do
    defp string(<<?\\, unquote(letter), rest::binary>>, done),
      do: string(rest, [unquote(char) | done])
  end

  defp string(<<char::utf8, rest::binary>>, done) when char >= 0x20 and char != ?\\,
    do: string(rest, [<<char::utf8>> | done])

  defp string(_, _), do: :error

  defp single("\\u" <> <<digits::binary-4, rest::binary>>, done) do
    case hex(digits) do
      code when code in 0..0xD7FF or code in 0xE000..0xFFFF ->
        string(rest, [<<code::utf8>> | done])

      _ ->
        :error
    end
  end

  defp single(_, _), do: :error

  defp hex(digits) do
    if digits =~ ~r/\A[0-9A-Fa-f]{4}\z/, do: String.to_integer(digits, 16), else: :error
  end

  defp number(text) do
    case Regex.run(~r/\A-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/, text) do
      nil -> :error
      [digits] -> {String.to_integer(digits), rest(text, digits)}
      [digits | _] -> float(digits, rest(text, digits))
    end
  end

  defp rest(text, digits),
    do: binary_part(text, byte_size(digits), byte_size(text) - byte_size(digits))

  defp float(digits, rest) do
    case Float.parse(digits) do
      {number, ""} -> {number, rest}
      _ -> :error
    end
  rescue
    # Too large for a float.
    ArgumentError -> :error
  end
end
