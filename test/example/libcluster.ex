# As much of libcluster as a strategy meets, after its published interface: the behaviour, the state and connect_nodes/4. No
# package of Hex can be had where the gate runs.
# Source: https://hexdocs.pm/libcluster/Cluster.Strategy.html, read 2026-11-30.
defmodule Cluster.Strategy do
  defmodule State do
    defstruct [:topology, :connect, :disconnect, :list_nodes, :meta, config: []]
  end

  @callback child_spec([struct]) :: Supervisor.child_spec()
  @callback start_link([struct]) :: {:ok, pid} | :ignore | {:error, term}

  defmacro __using__(_) do
    quote do
      @behaviour Cluster.Strategy

      @impl true
      def child_spec(args),
        do: %{id: __MODULE__, type: :worker, start: {__MODULE__, :start_link, [args]}}

      defoverridable child_spec: 1
    end
  end

  def connect_nodes(topology, {module, function, args}, {list, all, list_args}, nodes) do
    IO.puts("#{topology}: #{Enum.join(nodes, " ")}")

    case Enum.reject(nodes -- apply(list, all, list_args), &apply(module, function, args ++ [&1])) do
      [] -> :ok
      bad -> {:error, Enum.map(bad, &{&1, false})}
    end
  end
end
