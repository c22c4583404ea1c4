defmodule Counter.Websocket.Handshake do
  @moduledoc """
  Decides on the upgrade of a request to a WebSocket.
  Source: RFC 6455, https://www.rfc-editor.org/rfc/rfc6455
  """

  alias Counter.Drain
  alias Counter.Http.{Request, Response}

  @magic "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

  @spec answer(Request.t()) :: Response.t() | {:websocket, [{String.t(), String.t()}]}
  def answer(request) do
    key = Request.header(request, "sec-websocket-key")

    cond do
      not Request.header_has?(request, "upgrade", "websocket") or
          not Request.header_has?(request, "connection", "upgrade") ->
        Response.text(426, "a WebSocket is spoken here", [
          {"upgrade", "websocket"},
          {"connection", "upgrade"}
        ])

      Request.header(request, "sec-websocket-version") != "13" ->
        Response.text(426, "version 13 is spoken here", [{"sec-websocket-version", "13"}])

      not key?(key) ->
        Response.text(400, "no key")

      not from_here?(Request.header(request, "origin"), host()) ->
        Response.text(403, "another site's page")

      Drain.on?() ->
        Response.text(503, "this node ends: try again", [{"retry-after", "1"}])

      true ->
        {:websocket,
         [
           {"upgrade", "websocket"},
           {"connection", "Upgrade"},
           {"sec-websocket-accept", accept(key)}
         ]}
    end
  end

  @doc "Answer of a server to a key."
  def accept(key), do: :sha |> :crypto.hash(key <> @magic) |> Base.encode64()

  @doc """
  True for a page of this site, and for a program, which says no origin. Browsers send cookies with a WebSocket that any page
  of the world opens, and ask nobody before.
  """
  def from_here?(nil, _host), do: true
  # Without a name of its own there is nothing to compare with: `Host` is what the client says.
  def from_here?(_origin, nil), do: true
  def from_here?(origin, host), do: match?(%URI{host: ^host}, URI.parse(origin))

  defp key?(key), do: key != nil and match?({:ok, <<_::binary-16>>}, Base.decode64(key))
  defp host, do: Application.fetch_env!(:counter, :settings).host
end
