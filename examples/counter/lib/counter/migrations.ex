defmodule Counter.Migrations do
  @moduledoc """
  Brings the schema to where this release expects it: the files of `priv/migrations` in the order of their numbers, each in
  a transaction of its own together with its number in `schema_migrations`. One at a time, under a lock of the database.

  The version that ran before serves users while these run, and may serve again: a migration adds, and what nobody uses any
  more goes with a later release.
  """

  alias Counter.Database.{Error, Wire}

  # Any number that nobody else locks.
  @lock 7_130_016

  @patience :timer.minutes(10)

  # A table that is in use is waited for this long only: whoever waits for a lock holds up all that come after.
  @prepare "set statement_timeout = 0; set lock_timeout = '60s'"
  @lock_timeout "set local lock_timeout = '5s'"

  @type migration :: {version :: pos_integer, name :: String.t(), statements :: String.t()}

  @spec run(Wire.target(), [migration]) :: {:ok, [pos_integer]} | {:error, String.t()}
  def run(target, migrations \\ files()) do
    with {:ok, wire} <- Wire.connect(target) do
      try do
        locked(wire, migrations)
      after
        # Gives the lock back as well.
        Wire.close(wire)
      end
    end
  end

  @doc "The migrations that are part of this release."
  @spec files() :: [migration]
  def files do
    folder = Application.app_dir(:counter, "priv/migrations")

    for file <- folder |> File.ls!() |> Enum.sort(),
        [_, number, name] <- [Regex.run(~r/\A(\d{4})_(\w+)\.sql\z/, file)] do
      {String.to_integer(number), name, File.read!(Path.join(folder, file))}
    end
  end

  defp locked(wire, migrations) do
    with {:ok, _} <- script(wire, @prepare),
         {:ok, _} <- script(wire, "select pg_advisory_lock(#{@lock})"),
         {:ok, _} <-
           script(
             wire,
             "create table if not exists schema_migrations " <>
               "(version bigint primary key, inserted_at timestamptz not null default now())"
           ),
         {:ok, rows} <- script(wire, "select version from schema_migrations") do
      done = MapSet.new(rows, fn [version] -> String.to_integer(version) end)

      migrations
      |> Enum.reject(fn {version, _, _} -> version in done end)
      |> each(wire, [])
    else
      {:error, reason} -> {:error, words(reason)}
    end
  end

  defp each([], _wire, done), do: {:ok, Enum.reverse(done)}

  defp each([{version, name, statements} | rest], wire, done) do
    transaction = [
      ["begin; ", @lock_timeout],
      statements,
      "insert into schema_migrations (version) values (#{version}); commit"
    ]

    case Enum.reduce_while(transaction, :ok, &step(wire, &1, &2)) do
      :ok -> each(rest, wire, [version | done])
      # Undone with the connection, as far as it went.
      {:error, reason} -> {:error, "migration #{version}, #{name}: #{words(reason)}"}
    end
  end

  defp step(wire, statements, :ok) do
    case script(wire, statements) do
      {:ok, _} -> {:cont, :ok}
      {:error, reason} -> {:halt, {:error, reason}}
    end
  end

  defp script(wire, statements), do: Wire.script(wire, statements, @patience)

  defp words(%Error{code: code, message: message}), do: "#{message} (#{code})"
  defp words(:disconnected), do: "the server ended the connection"
end
