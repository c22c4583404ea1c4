defmodule Counter.Settings do
  @moduledoc """
  The environment of the release as one map, checked once. `nil` where a phase has not brought a thing yet.
  """

  alias Counter.Database

  @type t :: %{
          role: String.t(),
          environment: String.t(),
          host: String.t() | nil,
          region: String.t(),
          http: %{
            serve: boolean,
            port: :inet.port_number(),
            backlog: pos_integer,
            connections: pos_integer
          },
          database: Database.Wire.target() | nil,
          databases: %{file: Path.t() | nil, environment: %{String.t() => String.t()}},
          pool_size: pos_integer,
          cache: Counter.Cache.target() | nil,
          uploads_bucket: String.t() | nil,
          jobs_url: String.t() | nil,
          worker:
            %{
              queues: [{String.t(), String.t()}],
              at_once: pos_integer,
              drain_file: Path.t() | nil
            }
            | nil,
          pressure: %{file: Path.t(), retry_after: String.t(), prefixes: [String.t()]} | nil,
          peers: %{target_groups: [charlist]} | nil
        }

  @doc "The settings, or all that is wrong with them: one line each, with the name, what it is and what may be there."
  @spec read(%{String.t() => String.t()}) :: {:ok, t} | {:error, [String.t()]}
  def read(environment) do
    {settings, reasons} =
      Enum.reduce(fields(), {%{}, []}, fn {name, read}, {settings, reasons} ->
        case read.(environment) do
          {:ok, value} -> {Map.put(settings, name, value), reasons}
          {:error, reason} -> {settings, [reason | reasons]}
        end
      end)

    if reasons == [], do: {:ok, settings}, else: {:error, Enum.reverse(reasons)}
  end

  defp fields do
    [
      role: &{:ok, Map.get(&1, "BEAMSTALK_ROLE", "box")},
      environment: &{:ok, Map.get(&1, "BEAMSTALK_ENVIRONMENT", "laptop")},
      host: &{:ok, text(&1, "PHX_HOST")},
      region: &{:ok, Map.get(&1, "AWS_REGION", "eu-central-1")},
      http: &http/1,
      database: &database/1,
      databases: &{:ok, databases(&1)},
      pool_size: &integer(&1, "POOL_SIZE", 10, 1..500),
      cache: &cache/1,
      uploads_bucket: &{:ok, text(&1, "UPLOADS_BUCKET")},
      jobs_url: &{:ok, text(&1, queue_variable(Map.get(&1, "JOBS_QUEUE", "jobs")))},
      worker: &worker/1,
      pressure: &{:ok, pressure(&1)},
      peers: &{:ok, peers(&1)}
    ]
  end

  defp http(environment) do
    with {:ok, port} <- integer(environment, "PORT", 4000, 1..65_535),
         {:ok, backlog} <- integer(environment, "LISTEN_BACKLOG", 32_768, 1..1_048_576),
         {:ok, connections} <- integer(environment, "MAX_CONNECTIONS", 1_000_000, 1..10_000_000) do
      serve = environment["PHX_SERVER"] in ["true", "1"]
      {:ok, %{serve: serve, port: port, backlog: backlog, connections: connections}}
    end
  end

  @doc """
  The database that an environment names. From phase 6 on each function has one of its own: DATABASE_FUNCTION says which one
  is this application's.
  """
  @spec database(%{String.t() => String.t()}) ::
          {:ok, Database.Wire.target() | nil} | {:error, String.t()}
  def database(environment) do
    variable =
      case text(environment, "DATABASE_FUNCTION") do
        nil -> "DATABASE_URL"
        function -> "DATABASE_#{upcase(function)}_URL"
      end

    with url when url != nil <- text(environment, variable),
         {:ok, tls} <- boolean(environment, "DATABASE_SSL"),
         {:ok, target} <- Database.Url.parse(url) do
      {:ok, Map.put(target, :tls, tls && authorities(environment))}
    else
      nil -> {:ok, nil}
      # Never the value: it holds a password.
      {:error, reason} -> {:error, "#{variable}: #{reason}"}
    end
  end

  # The file names all databases there are by then; these two say how they are read.
  defp databases(environment) do
    %{
      file: text(environment, "BEAMSTALK_DATABASES_FILE"),
      environment: Map.take(environment, ["DATABASE_FUNCTION", "DATABASE_CA_FILE"])
    }
  end

  defp authorities(environment), do: {:authorities, text(environment, "DATABASE_CA_FILE")}

  defp cache(environment) do
    with host when host != nil <- text(environment, "CACHE_HOST"),
         {:ok, port} <- integer(environment, "CACHE_PORT", 6379, 1..65_535),
         {:ok, tls} <- boolean(environment, "CACHE_SSL") do
      {:ok,
       %{
         host: host,
         port: port,
         # A cache of a laptop or a test may have an authority of its own; ElastiCache's is Amazon's public one.
         tls: tls && {:authorities, text(environment, "CACHE_CA_FILE")},
         user: text(environment, "CACHE_USERNAME"),
         password: text(environment, "CACHE_PASSWORD")
       }}
    else
      nil -> {:ok, nil}
      {:error, reason} -> {:error, reason}
    end
  end

  defp worker(%{"BEAMSTALK_ROLE" => "worker"} = environment) do
    names = String.split(Map.get(environment, "BEAMSTALK_JOB_QUEUES", ""))

    with {:ok, at_once} <- integer(environment, "BEAMSTALK_JOBS_AT_ONCE", 10, 1..10_000),
         {:ok, queues} <- queues(environment, names) do
      {:ok,
       %{queues: queues, at_once: at_once, drain_file: text(environment, "BEAMSTALK_DRAIN_FILE")}}
    end
  end

  defp worker(_environment), do: {:ok, nil}

  defp queues(environment, names) do
    case Enum.filter(names, &(text(environment, queue_variable(&1)) == nil)) do
      [] ->
        {:ok, Enum.map(names, &{&1, environment[queue_variable(&1)]})}

      [name | _] ->
        {:error, "#{queue_variable(name)} is not set, and BEAMSTALK_JOB_QUEUES names #{name}"}
    end
  end

  defp pressure(environment) do
    with file when file != nil <- text(environment, "BEAMSTALK_PRESSURE_FILE") do
      %{
        file: file,
        retry_after: Map.get(environment, "BEAMSTALK_RETRY_AFTER_SECONDS", "30"),
        prefixes: String.split(Map.get(environment, "BEAMSTALK_LOW_PRIORITY_PATHS", ""))
      }
    end
  end

  # A box is alone. The load balancer's view of a fleet counts where its target groups are named.
  defp peers(%{"BEAMSTALK_ROLE" => role} = environment) when role in ["app", "worker"] do
    arns = environment |> Map.get("PEERS_TARGET_GROUPS", "") |> String.split()
    %{target_groups: Enum.map(arns, &to_charlist/1)}
  end

  defp peers(_environment), do: nil

  defp queue_variable(name), do: "QUEUE_#{upcase(name)}_URL"
  defp upcase(name), do: name |> String.upcase() |> String.replace("-", "_")

  defp text(environment, name) do
    if environment[name] in [nil, ""], do: nil, else: environment[name]
  end

  defp boolean(environment, name) do
    case Map.get(environment, name, "false") do
      "true" -> {:ok, true}
      "false" -> {:ok, false}
      other -> {:error, "#{name} is #{inspect(other)}; expected true or false"}
    end
  end

  defp integer(environment, name, default, range) do
    value = Map.get(environment, name, Integer.to_string(default))

    case Integer.parse(value) do
      {number, ""} -> within(number, name, range)
      _ -> {:error, expected(name, value, range)}
    end
  end

  defp within(number, name, range) do
    if number in range, do: {:ok, number}, else: {:error, expected(name, "#{number}", range)}
  end

  defp expected(name, value, range),
    do: "#{name} is #{inspect(value)}; expected a number from #{range.first} to #{range.last}"
end
