defmodule Counter.Aws.Credentials do
  @moduledoc """
  Credentials of this node: the role of its instance, by version 2 of the metadata service, renewed before it ends; or what the
  environment says, on a laptop.
  Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html, read 2026-11-29.
  """
  use GenServer

  alias Counter.Aws.{Http, Signature}
  alias Counter.Json

  @role "/latest/meta-data/iam/security-credentials/"
  @timeout 2_000

  # AWS makes new ones available at least five minutes before the old ones end.
  @margin 300

  def start_link(_), do: GenServer.start_link(__MODULE__, nil, name: __MODULE__)

  @spec fetch() :: {:ok, Signature.credentials()} | {:error, term}
  def fetch do
    GenServer.call(__MODULE__, :fetch, 4 * @timeout)
  catch
    :exit, _ -> {:error, :no_credentials}
  end

  @impl true
  def init(_), do: {:ok, nil}

  # One process asks, however many wait for the answer.
  @impl true
  def handle_call(:fetch, _from, {credentials, ends} = state) do
    if ends == :never or DateTime.diff(ends, DateTime.utc_now()) > @margin,
      do: {:reply, {:ok, credentials}, state},
      else: renew(state)
  end

  def handle_call(:fetch, _from, nil), do: renew(nil)

  defp renew(old) do
    case environment() || instance() do
      {:ok, credentials, ends} -> {:reply, {:ok, credentials}, {credentials, ends}}
      {:error, reason} -> {:reply, {:error, reason}, old}
    end
  end

  defp environment do
    with key when key != nil <- System.get_env("AWS_ACCESS_KEY_ID"),
         secret when secret != nil <- System.get_env("AWS_SECRET_ACCESS_KEY") do
      {:ok, %{key: key, secret: secret, token: System.get_env("AWS_SESSION_TOKEN")}, :never}
    end
  end

  defp instance do
    with {:ok, token} <-
           metadata("PUT", "/latest/api/token", %{"x-aws-ec2-metadata-token-ttl-seconds" => "60"}),
         headers = %{"x-aws-ec2-metadata-token" => token},
         {:ok, roles} <- metadata("GET", @role, headers),
         [role | _] <- String.split(roles, "\n"),
         {:ok, text} <- metadata("GET", @role <> role, headers),
         {:ok,
          %{
            "AccessKeyId" => key,
            "SecretAccessKey" => secret,
            "Token" => token,
            "Expiration" => ends
          }} <-
           Json.decode(text),
         {:ok, ends, 0} <- DateTime.from_iso8601(ends) do
      {:ok, %{key: key, secret: secret, token: token}, ends}
    else
      {:error, reason} -> {:error, reason}
      _ -> {:error, :metadata}
    end
  end

  defp metadata(method, path, headers) do
    base = System.get_env("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://169.254.169.254")

    case Http.request(
           method,
           URI.parse(String.trim_trailing(base, "/") <> path),
           headers,
           "",
           @timeout
         ) do
      {:ok, 200, _, body} -> {:ok, body}
      {:ok, status, _, _} -> {:error, {:metadata, status}}
      {:error, reason} -> {:error, {:metadata, reason}}
    end
  end
end
