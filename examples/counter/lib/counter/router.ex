defmodule Counter.Router do
  @moduledoc "Routes: a method and a path each, and what answers them."

  alias Counter.{Cluster, Database, Drain, Jobs, Pressure, Sessions, Tally, Uploads}
  alias Counter.Http.{Request, Response}
  alias Counter.Websocket.Handshake

  @small 64 * 1024

  @doc "Bytes of a body that are read at all."
  def body_limit(%Request{method: "PUT", path: "/uploads/" <> _}), do: Uploads.largest()
  def body_limit(_request), do: @small

  @spec call(Request.t()) :: Response.t() | {:websocket, [{String.t(), String.t()}]}
  def call(request) do
    case Pressure.refusal(request.path) do
      nil ->
        route(
          if(request.method == "HEAD", do: "GET", else: request.method),
          request.path,
          request
        )

      refusal ->
        refusal
    end
  end

  defp route("GET", "/", _request), do: Response.html(page())

  defp route("GET", "/echo", %{query: query}),
    do: Response.text(200, Map.get(query, "message", ""))

  defp route("GET", "/health", _request), do: health()
  defp route("GET", "/socket", request), do: Handshake.answer(request)

  defp route("GET", "/nodes", _request),
    do: Response.json(200, %{node: node(), members: Cluster.members()})

  defp route("GET", "/counter", _request), do: counted(Tally.value())
  defp route("POST", "/counter", _request), do: counted(Tally.increment())

  defp route("GET", "/session", request), do: Sessions.answer(request)
  defp route("PUT", "/uploads/" <> name, request), do: Uploads.answer(name, request)
  defp route("POST", "/jobs", request), do: Jobs.answer(request)

  defp route(_method, path, _request)
       when path in [
              "/",
              "/echo",
              "/health",
              "/socket",
              "/nodes",
              "/counter",
              "/session",
              "/jobs"
            ],
       do: Response.text(405, "not this way")

  defp route(_method, _path, _request), do: Response.text(404, "there is no such page")

  # 503 takes this node out of its load balancer, and to be without a database is no reason to end it: the platform's own check
  # asks for `/`. A short wait, because a check that waits for a busy pool fails when there is most to do.
  defp health do
    cond do
      Drain.on?() ->
        Response.json(503, %{status: "draining"})

      match?({:ok, _}, Database.read("select 1", [], wait: 1_000, timeout: 1_000)) ->
        Response.json(200, %{status: "well"})

      true ->
        Response.json(503, %{status: "no database"})
    end
  end

  defp counted({:ok, value}), do: Response.json(200, %{counter: value})

  defp counted({:error, reason}) do
    require Logger
    Logger.warning("counter: #{inspect(reason)}")
    Response.json(503, %{error: "the database does not answer"}, [{"retry-after", "1"}])
  end

  defp page do
    """
    <!doctype html>
    <html lang="en">
    <meta charset="utf-8">
    <title>Counter</title>
    <h1>Counter</h1>
    <p>Version #{Application.spec(:counter, :vsn)}, an application that Beamstalk runs in every phase.</p>
    <ul>
      <li><a href="/echo?message=hello">/echo</a> answers what it is told
      <li><a href="/counter">/counter</a> is in the database; POST makes it one more, and every /socket hears of it
      <li><a href="/session">/session</a> counts your visits
      <li><a href="/nodes">/nodes</a> lists the nodes that are joined
      <li><a href="/health">/health</a> is 200 when the database answers
    </ul>
    </html>
    """
  end
end
