defmodule Counter.Aws.Signature do
  @moduledoc """
  Signature Version 4: shows AWS who asks, without the secret key.
  Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, read 2026-11-29.
  """

  @algorithm "AWS4-HMAC-SHA256"

  @type request :: %{
          method: String.t(),
          uri: URI.t(),
          headers: %{String.t() => String.t()},
          body: iodata
        }
  @type credentials :: %{key: String.t(), secret: String.t(), token: String.t() | nil}

  @doc """
  The headers to send: those of the request (names in lower case), with `host`, the time, the hash of the body for S3 and the
  signature. The path of the URI is encoded as it is to be sent.
  """
  @spec headers(request, credentials, region :: String.t(), service :: String.t(), DateTime.t()) ::
          %{String.t() => String.t()}
  def headers(request, credentials, region, service, now) do
    time = Calendar.strftime(now, "%Y%m%dT%H%M%SZ")
    hash = hex(:crypto.hash(:sha256, request.body))

    headers =
      request.headers
      |> Map.merge(%{"host" => host(request.uri), "x-amz-date" => time})
      |> Map.merge(if(service == "s3", do: %{"x-amz-content-sha256" => hash}, else: %{}))
      |> Map.merge(
        if(credentials.token, do: %{"x-amz-security-token" => credentials.token}, else: %{})
      )

    scope = Enum.join([binary_part(time, 0, 8), region, service, "aws4_request"], "/")
    names = headers |> Map.keys() |> Enum.sort()
    signed = Enum.join(names, ";")

    canonical =
      Enum.join(
        [
          request.method,
          request.uri.path || "/",
          query(request.uri.query),
          Enum.map_join(names, "", &"#{&1}:#{String.trim(headers[&1])}\n"),
          signed,
          hash
        ],
        "\n"
      )

    to_sign = Enum.join([@algorithm, time, scope, hex(:crypto.hash(:sha256, canonical))], "\n")

    key =
      scope
      |> String.split("/")
      |> Enum.reduce("AWS4" <> credentials.secret, fn part, key -> hmac(key, part) end)

    Map.put(
      headers,
      "authorization",
      "#{@algorithm} Credential=#{credentials.key}/#{scope}, SignedHeaders=#{signed}, Signature=#{hex(hmac(key, to_sign))}"
    )
  end

  @doc "A part of a path or a query, encoded as the signature wants it."
  def encode(text), do: URI.encode(text, &URI.char_unreserved?/1)

  defp query(nil), do: ""

  defp query(query) do
    query
    |> URI.query_decoder(:rfc3986)
    |> Enum.map(fn {name, value} -> {encode(name), encode(value)} end)
    |> Enum.sort()
    |> Enum.map_join("&", fn {name, value} -> "#{name}=#{value}" end)
  end

  # As HTTP clients write it: without the port that goes without saying.
  defp host(%URI{host: host, port: port, scheme: scheme}) do
    if port == URI.default_port(scheme), do: host, else: "#{host}:#{port}"
  end

  defp hmac(key, data), do: :crypto.mac(:hmac, :sha256, key, data)
  defp hex(binary), do: Base.encode16(binary, case: :lower)
end
