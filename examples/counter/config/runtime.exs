import Config

# Read when a node boots, not when the release is built: the same release runs everywhere. Tests say themselves what there is.
environment = if config_env() == :test, do: %{}, else: System.get_env()

case Counter.Settings.read(environment) do
  {:ok, settings} ->
    config :counter, settings: settings

  {:error, reasons} ->
    IO.puts(:stderr, "counter: " <> Enum.join(reasons, "; "))
    System.halt(1)
end
