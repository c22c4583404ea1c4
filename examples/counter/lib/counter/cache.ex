defmodule Counter.Cache do
  @moduledoc "Commands to Valkey, each on one of a few connections, chosen by a key so that its commands keep their order."

  alias Counter.Cache.Connection

  @type target :: %{
          host: String.t(),
          port: :inet.port_number(),
          tls: false | Counter.Tls.authorities(),
          user: String.t() | nil,
          password: String.t() | nil
        }

  @connections 4
  @timeout 1_000

  def child_spec(target) do
    PartitionSupervisor.child_spec(
      name: __MODULE__,
      child_spec: {Connection, target},
      partitions: @connections
    )
  end

  @doc "The server's answer; `{:error, :disconnected}` at once while there is no connection."
  @spec command(String.t(), [String.t()]) :: {:ok, term} | {:error, term}
  def command(key, words) do
    GenServer.call(
      {:via, PartitionSupervisor, {__MODULE__, key}},
      {:command, words, @timeout},
      @timeout * 2
    )
  catch
    :exit, _ -> {:error, :disconnected}
  end
end
