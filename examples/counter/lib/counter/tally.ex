defmodule Counter.Tally do
  @moduledoc "The counter: one row in the database, and word of each change to every WebSocket of every node."

  alias Counter.{Broadcast, Database, Json}

  @doc "Value of the counter."
  @spec value() :: {:ok, integer} | {:error, Database.failure()}
  def value do
    with {:ok, [[value]]} <- Database.read("select value from counter"),
         do: {:ok, String.to_integer(value)}
  end

  @doc "One more. Not tried again after a lost connection, or it might be two."
  @spec increment() :: {:ok, integer} | {:error, Database.failure()}
  def increment do
    with {:ok, [[value]]} <-
           Database.write("update counter set value = value + 1 returning value") do
      tell(String.to_integer(value))
    end
  end

  @doc """
  Adds a number for the job of an id, once however often it is asked for: one statement writes down the id and counts, so
  there is no moment at which only one of the two is done. That also makes it safe to try again.
  """
  @spec add_once(String.t(), integer) ::
          {:ok, integer | :done_before} | {:error, Database.failure()}
  def add_once(job, number) do
    statement = """
    with new as (insert into jobs_done (id) values ($1) on conflict do nothing returning id)
    update counter set value = value + $2::bigint where exists (select from new) returning value
    """

    case Database.read(statement, [job, number]) do
      {:ok, [[value]]} -> tell(String.to_integer(value))
      {:ok, []} -> {:ok, :done_before}
      {:error, reason} -> {:error, reason}
    end
  end

  defp tell(value) do
    Broadcast.everywhere(Json.encode(%{counter: value}))
    {:ok, value}
  end
end
