defmodule Counter.Pressure do
  @moduledoc """
  Turns away what can wait while queues do not keep up, where no proxy before this node does (docs/async.md of Beamstalk).
  """

  alias Counter.Http.Response

  @doc "The answer to a path that is turned away, or `nil`."
  def refusal(path) do
    with %{file: file, prefixes: prefixes} = pressure <-
           Application.fetch_env!(:counter, :settings).pressure,
         true <- String.starts_with?(path, prefixes),
         {:ok, "on" <> _} <- File.read(file) do
      Response.text(429, "busy, try again later", [{"retry-after", pressure.retry_after}])
    else
      _ -> nil
    end
  end
end
