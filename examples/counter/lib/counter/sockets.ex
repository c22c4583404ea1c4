defmodule Counter.Sockets do
  @moduledoc """
  The WebSockets of this node. A registry of this node alone: to tell every node of each socket would cost more than all that
  the sockets do, so nodes know nodes (`Counter.Broadcast`), and each its own sockets.
  """

  def child_spec(_),
    do:
      Registry.child_spec(
        keys: :duplicate,
        name: __MODULE__,
        partitions: System.schedulers_online()
      )

  def join, do: Registry.register(__MODULE__, :open, nil)
  def leave, do: Registry.unregister(__MODULE__, :open)
  def all, do: for({pid, _} <- Registry.lookup(__MODULE__, :open), do: pid)
  def count, do: Registry.count(__MODULE__)
end
