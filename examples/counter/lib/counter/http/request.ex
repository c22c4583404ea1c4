defmodule Counter.Http.Request do
  @moduledoc """
  A request as it came, and the parser of its head. Names of headers are in lower case; nothing from outside becomes an atom.
  Source: RFC 9112, https://www.rfc-editor.org/rfc/rfc9112
  """

  defstruct [:method, :path, :version, query: %{}, headers: [], body: ""]

  @type t :: %__MODULE__{
          method: String.t(),
          path: String.t(),
          query: %{String.t() => String.t()},
          version: {1, 0 | 1},
          headers: [{String.t(), String.t()}],
          body: binary
        }

  @most_headers 100

  # RFC 9110, 5.6.2.
  @token ~r/\A[!#$%&'*+\-.^_`|~0-9A-Za-z]+\z/

  @doc "Reads a head without its empty line; the status to refuse it with otherwise."
  @spec parse(binary) :: {:ok, t} | {:error, 400 | 431 | 505}
  def parse(head) do
    [line | lines] = :binary.split(head, "\r\n", [:global])

    with {:ok, request} <- request_line(line),
         {:ok, headers} <- headers(lines),
         request = %{request | headers: headers},
         :ok <- hosted(request) do
      {:ok, request}
    end
  end

  @doc "Value of a header, of the first when there are several."
  def header(request, name),
    do: Enum.find_value(request.headers, fn {key, value} -> key == name && value end)

  @doc "True when a header that is a list of words has this one."
  def header_has?(request, name, word) do
    Enum.any?(request.headers, fn {key, value} ->
      key == name and word in (value |> String.downcase() |> String.split(~r/[\s,]+/))
    end)
  end

  @doc """
  How the body is told to end. Two lengths, or a length beside a coding, are how requests are smuggled past a proxy that reads
  the other one.
  """
  @spec framing(t) :: {:length, non_neg_integer} | :chunked | {:error, 400 | 501}
  def framing(request) do
    case {values(request, "transfer-encoding"),
          request |> values("content-length") |> Enum.uniq()} do
      {[], []} ->
        {:length, 0}

      {[], [length]} ->
        content_length(length)

      {[coding], []} ->
        if String.downcase(coding) == "chunked", do: chunked(request), else: {:error, 501}

      _ ->
        {:error, 400}
    end
  end

  @doc "True when the client wants the connection to stay open after the answer."
  def keep_alive?(%{version: {1, 1}} = request),
    do: not header_has?(request, "connection", "close")

  def keep_alive?(_request), do: false

  @doc "True when the user came by HTTPS: the one header that says so in every phase (docs/headers.md of Beamstalk)."
  def secure?(request), do: header(request, "cloudfront-forwarded-proto") == "https"

  @doc "Value of a cookie."
  def cookie(request, name) do
    request
    |> values("cookie")
    |> Enum.flat_map(&String.split(&1, ~r/;\s*/))
    |> Enum.find_value(fn pair ->
      with [^name, value] <- String.split(pair, "=", parts: 2), do: value, else: (_ -> nil)
    end)
  end

  defp values(request, name), do: for({^name, value} <- request.headers, do: value)

  defp chunked(%{version: {1, 1}}), do: :chunked
  defp chunked(_request), do: {:error, 400}

  defp content_length(text) do
    if text =~ ~r/\A\d{1,15}\z/, do: {:length, String.to_integer(text)}, else: {:error, 400}
  end

  defp request_line(line) do
    with [method, target, "HTTP/" <> version] <- String.split(line, " "),
         true <- method =~ @token,
         {:ok, version} <- version(version),
         {:ok, path, query} <- target(target) do
      {:ok, %__MODULE__{method: method, path: path, query: query, version: version}}
    else
      {:error, status} -> {:error, status}
      _ -> {:error, 400}
    end
  end

  defp version("1.1"), do: {:ok, {1, 1}}
  defp version("1.0"), do: {:ok, {1, 0}}
  defp version(_), do: {:error, 505}

  # As clients send it to a server; proxies send the same.
  defp target("/" <> _ = target) do
    {path, query} =
      case String.split(target, "?", parts: 2) do
        [path, query] -> {path, query}
        [path] -> {path, ""}
      end

    if target =~ ~r/\A[\x21-\x7e]+\z/,
      do: {:ok, path, URI.decode_query(query)},
      else: {:error, 400}
  end

  defp target(_), do: {:error, 400}

  defp headers(lines) when length(lines) > @most_headers, do: {:error, 431}

  defp headers(lines) do
    Enum.reduce_while(lines, {:ok, []}, fn line, {:ok, headers} ->
      # No space before the colon, and no line that goes on with the one before: proxies differ in how they read these.
      with [name, value] <- :binary.split(line, ":"),
           true <- name =~ @token,
           false <- value =~ ~r/[\x00-\x08\x0a-\x1f\x7f]/ do
        {:cont, {:ok, [{String.downcase(name), trim(value)} | headers]}}
      else
        _ -> {:halt, {:error, 400}}
      end
    end)
    |> case do
      {:ok, headers} -> {:ok, Enum.reverse(headers)}
      error -> error
    end
  end

  # Octets, which need not be UTF-8.
  defp trim(value), do: Regex.replace(~r/\A[ \t]+|[ \t]+\z/, value, "")

  defp hosted(%{version: {1, 1}} = request) do
    if match?([_], values(request, "host")), do: :ok, else: {:error, 400}
  end

  defp hosted(_request), do: :ok
end
