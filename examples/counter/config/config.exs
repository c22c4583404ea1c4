import Config

# One event, one line: the journal and CloudWatch take each line for an event of its own.
config :logger, :console, format: {Counter.Log, :format}
config :logger, level: :info

if config_env() == :test, do: config(:logger, level: :warning)
