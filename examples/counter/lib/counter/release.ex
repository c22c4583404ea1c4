defmodule Counter.Release do
  @moduledoc "Runs `bin/migrate`: Mix is no part of a release."

  alias Counter.Migrations

  @doc "Migrates the database of the environment; ends the BEAM with one line and exit code 1 when that fails."
  def migrate do
    {:ok, _} = Application.ensure_all_started(:ssl)

    case Application.fetch_env!(:counter, :settings) do
      %{database: nil} -> refuse("DATABASE_URL is not set: there is nothing to migrate")
      %{database: target} -> told(Migrations.run(target))
    end
  end

  defp told({:ok, []}), do: IO.puts("counter: the schema is up to date")
  defp told({:ok, versions}), do: IO.puts("counter: migrated #{Enum.join(versions, ", ")}")
  defp told({:error, reason}), do: refuse(reason)

  defp refuse(reason) do
    IO.puts(:stderr, "counter: " <> String.replace(reason, ~r/\s+/, " "))
    System.halt(1)
  end
end
