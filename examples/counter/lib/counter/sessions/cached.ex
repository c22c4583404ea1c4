defmodule Counter.Sessions.Cached do
  @moduledoc "Sessions in the cache, which all nodes share."
  @behaviour Counter.Sessions

  alias Counter.{Cache, Sessions}

  @impl true
  def visit(key) do
    name = "session:" <> key

    # Counting a session that is gone would bring it back without an end.
    with {:ok, 1} <- Cache.command(key, ["EXPIRE", name, Integer.to_string(Sessions.seconds())]),
         {:ok, visits} <- Cache.command(key, ["INCR", name]) do
      {:ok, visits}
    else
      {:ok, 0} -> :unknown
      {:error, reason} -> {:error, reason}
    end
  end

  @impl true
  def begin(key) do
    with {:ok, _} <-
           Cache.command(key, [
             "SET",
             "session:" <> key,
             "1",
             "EX",
             Integer.to_string(Sessions.seconds())
           ]),
         do: :ok
  end
end
