defmodule Counter.Aws.Http do
  @moduledoc "OTP's HTTP client, set up for AWS: certificates verified, no redirects, bounded times."

  @profile :counter_aws

  @doc "Starts a profile of its own, with its own connections."
  def child_spec(_), do: %{id: __MODULE__, start: {__MODULE__, :start_link, []}}

  def start_link do
    with {:ok, pid} <- :inets.start(:httpc, [profile: @profile], :stand_alone) do
      :ok = :httpc.set_options(options(), pid)
      :persistent_term.put(__MODULE__, pid)
      {:ok, pid}
    end
  end

  defp options do
    [
      # A node without a way out for IPv4 reaches SQS by IPv6 alone; OTP's own default asks for IPv4 alone.
      ipfamily: :inet6fb4,
      # Requests that may wait behind another one on its connection; 5 by default. Behind a poll that waits for messages for 20 s,
      # the deletion of a message would come too late.
      max_keep_alive_length: 0,
      max_sessions: 50,
      keep_alive_timeout: 15_000
    ]
  end

  @doc "Status, headers (names in lower case) and body."
  @spec request(String.t(), URI.t(), %{String.t() => String.t()}, iodata, timeout) ::
          {:ok, pos_integer, %{String.t() => String.t()}, binary} | {:error, term}
  def request(method, uri, headers, body, timeout) do
    # The client writes these itself.
    lines =
      for {name, value} <- headers,
          name not in ["host", "content-type"],
          do: {to_charlist(name), to_charlist(value)}

    url = uri |> URI.to_string() |> to_charlist()

    request =
      if method in ["PUT", "POST"],
        do:
          {url, lines, to_charlist(Map.get(headers, "content-type", "")),
           IO.iodata_to_binary(body)},
        else: {url, lines}

    options = [timeout: timeout, connect_timeout: 3_000, autoredirect: false] ++ tls(uri)

    case :httpc.request(
           method(method),
           request,
           options,
           [body_format: :binary],
           :persistent_term.get(__MODULE__)
         ) do
      {:ok, {{_, status, _}, headers, body}} ->
        {:ok, status,
         Map.new(headers, fn {name, value} -> {to_string(name), to_string(value)} end), body}

      {:error, reason} ->
        {:error, reason}
    end
  end

  defp method("GET"), do: :get
  defp method("PUT"), do: :put
  defp method("POST"), do: :post

  defp tls(%URI{scheme: "https", host: host}),
    do: [ssl: Counter.Tls.options(host, {:authorities, nil})]

  defp tls(_uri), do: []
end
