defmodule Counter.Jobs.Runner do
  @moduledoc """
  One job: under protection from being chosen when the fleet shrinks, hidden from others for as long as it takes, and deleted
  when it is done. A job that fails becomes visible again by itself, and counts as one of its tries.
  """
  require Logger

  alias Counter.Aws.Sqs
  alias Counter.Jobs
  alias Counter.Jobs.Protection

  # Said every 30 s, it holds for a minute and a half: two may be lost.
  @again 30_000
  @hidden 90

  def run(url, message) do
    case Protection.begin_job() do
      :ok ->
        job = Task.Supervisor.async_nolink(Counter.Jobs.Work, Jobs, :perform, [message.body])
        ended(Task.yield(job, @again), job, url, message)

      # This node is on its way out: somebody else does it.
      {:error, :ending} ->
        Sqs.hide(url, message.receipt, 0)
    end
  end

  defp ended(nil, job, url, message) do
    Sqs.hide(url, message.receipt, @hidden)
    ended(Task.yield(job, @again), job, url, message)
  end

  defp ended({:ok, :ok}, _job, url, message) do
    with {:error, reason} <- Sqs.delete(url, message.receipt),
         do: Logger.warning("a job is done, and comes again: #{inspect(reason)}")
  end

  defp ended({:ok, :error}, _job, _url, _message), do: :error

  defp ended({:exit, reason}, _job, _url, _message),
    do: Logger.error("a job failed: " <> Exception.format_exit(reason))
end
