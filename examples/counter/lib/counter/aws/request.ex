defmodule Counter.Aws.Request do
  @moduledoc "A signed request to a service, tried again after what passes."

  alias Counter.Aws.{Credentials, Http, Signature}

  @tries 3
  @passing [500, 502, 503, 504, 429]

  @doc "Sends what may be sent twice; the body of the answer when it is 200."
  @spec send(String.t(), URI.t(), %{String.t() => String.t()}, iodata, String.t(), timeout) ::
          {:ok, binary} | {:error, term}
  def send(method, uri, headers, body, service, timeout \\ 10_000) do
    attempt(%{method: method, uri: uri, headers: headers, body: body}, service, timeout, @tries)
  end

  defp attempt(request, service, timeout, tries) do
    case once(request, service, timeout) do
      {:ok, 200, _, body} ->
        {:ok, body}

      {:ok, status, _, _} when status in @passing and tries > 1 ->
        again(request, service, timeout, tries)

      {:ok, status, _, body} ->
        {:error,
         {service, status,
          body |> binary_part(0, min(byte_size(body), 300)) |> String.replace(~r/\s+/, " ")}}

      {:error, :no_credentials} ->
        {:error, :no_credentials}

      {:error, _} when tries > 1 ->
        again(request, service, timeout, tries)

      {:error, reason} ->
        {:error, reason}
    end
  end

  defp again(request, service, timeout, tries) do
    # Longer each time, and by chance: 50 to 100 ms, 100 to 200 ms.
    longest = 100 * (@tries - tries + 1)
    Process.sleep(div(longest, 2) + :rand.uniform(div(longest, 2)))
    attempt(request, service, timeout, tries - 1)
  end

  # Signed anew each time: a signature is good for some minutes only, and the role's key changes.
  defp once(request, service, timeout) do
    with {:ok, credentials} <- Credentials.fetch() do
      region = Application.fetch_env!(:counter, :settings).region
      headers = Signature.headers(request, credentials, region, service, DateTime.utc_now())
      Http.request(request.method, request.uri, headers, request.body, timeout)
    end
  end
end
