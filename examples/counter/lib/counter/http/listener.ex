defmodule Counter.Http.Listener do
  @moduledoc """
  Owns the listening socket, and the processes that accept. It is the last of the supervision tree, so that the first thing to
  end is that new connections come; those that are open end in order (`Counter.Finish`).
  """
  use Supervisor

  alias Counter.Http.{Connection, Connections}

  @acceptors_per_scheduler 4

  def start_link(options),
    do: Supervisor.start_link(__MODULE__, options, name: Keyword.get(options, :name))

  @impl true
  def init(options) do
    # The kernel takes less when net.core.somaxconn is less. OTP's own default of 5 drops users at every burst.
    case :gen_tcp.listen(options[:port], [
           {:backlog, options[:backlog]} | Connection.socket_options()
         ]) do
      {:ok, listener} ->
        acceptors =
          for number <- 1..(System.schedulers_online() * @acceptors_per_scheduler),
              do:
                Supervisor.child_spec({Task, fn -> accept(listener) end},
                  id: number,
                  restart: :permanent
                )

        # An acceptor has no state to lose: that some of them fail at once is no reason to close the port.
        Supervisor.init(acceptors, strategy: :one_for_one, max_restarts: 1_000, max_seconds: 5)

      {:error, reason} ->
        exit({:shutdown, "port #{options[:port]}: #{:inet.format_error(reason)}"})
    end
  end

  defp accept(listener) do
    case :gen_tcp.accept(listener) do
      {:ok, socket} -> Connections.start(socket)
      # No descriptor left: others end, and then there is.
      {:error, reason} when reason in [:emfile, :enfile] -> Process.sleep(100)
      {:error, :closed} -> exit(:shutdown)
      {:error, _} -> :ok
    end

    accept(listener)
  end
end
