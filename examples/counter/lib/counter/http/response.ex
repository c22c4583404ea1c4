defmodule Counter.Http.Response do
  @moduledoc "An answer, and how it is written."

  defstruct status: 200, headers: [], body: ""

  @type t :: %__MODULE__{status: pos_integer, headers: [{String.t(), String.t()}], body: iodata}

  @reasons %{
    101 => "Switching Protocols",
    200 => "OK",
    201 => "Created",
    202 => "Accepted",
    400 => "Bad Request",
    403 => "Forbidden",
    404 => "Not Found",
    405 => "Method Not Allowed",
    408 => "Request Timeout",
    413 => "Content Too Large",
    426 => "Upgrade Required",
    429 => "Too Many Requests",
    431 => "Request Header Fields Too Large",
    500 => "Internal Server Error",
    501 => "Not Implemented",
    502 => "Bad Gateway",
    503 => "Service Unavailable",
    505 => "HTTP Version Not Supported"
  }

  def text(status, body, headers \\ []) do
    %__MODULE__{
      status: status,
      body: [body, ?\n],
      headers: [{"content-type", "text/plain; charset=utf-8"} | headers]
    }
  end

  def html(body),
    do: %__MODULE__{body: body, headers: [{"content-type", "text/html; charset=utf-8"}]}

  def json(status, value, headers \\ []) do
    %__MODULE__{
      status: status,
      body: [Counter.Json.encode(value), ?\n],
      headers: [{"content-type", "application/json"} | headers]
    }
  end

  @doc "Bytes of the answer; to HEAD without the body, whose length it tells all the same."
  @spec encode(t, method :: String.t(), keep? :: boolean) :: iodata
  def encode(response, method, keep?) do
    headers =
      [{"content-length", Integer.to_string(IO.iodata_length(response.body))}] ++
        if(keep?, do: [], else: [{"connection", "close"}]) ++
        [
          {"date", date()},
          {"cache-control", "no-store"},
          {"x-content-type-options", "nosniff"} | response.headers
        ]

    [head(response.status, headers), if(method == "HEAD", do: [], else: response.body)]
  end

  defp date, do: Calendar.strftime(DateTime.utc_now(), "%a, %d %b %Y %H:%M:%S GMT")

  @doc "A head of its own, for what is no whole answer."
  def head(status, headers) do
    lines = for {name, value} <- headers, do: [name, ": ", value, "\r\n"]
    ["HTTP/1.1 #{status} ", Map.get(@reasons, status, "Unknown"), "\r\n", lines, "\r\n"]
  end
end
