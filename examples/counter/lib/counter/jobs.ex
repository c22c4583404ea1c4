defmodule Counter.Jobs do
  @moduledoc """
  Work that nobody waits for. `POST /jobs` with a number puts a job into the queue, from phase 5 on; a worker node adds the
  number to the counter (`Counter.Jobs.Receiver`). A job is JSON with `kind`, `id` and `payload`.
  """
  require Logger

  alias Counter.{Json, Tally}
  alias Counter.Aws.Sqs
  alias Counter.Http.Response

  @numbers 1..1_000

  def answer(request) do
    case {Application.fetch_env!(:counter, :settings).jobs_url, Integer.parse(request.body)} do
      {nil, _} ->
        Response.json(503, %{error: "there is no queue before phase 5"})

      {url, {number, rest}} when number in @numbers and rest in ["", "\n"] ->
        enqueue(url, number)

      _ ->
        Response.json(400, %{
          error: "the body is a number from #{@numbers.first} to #{@numbers.last}"
        })
    end
  end

  @doc "Does a job; twice is as good as once. `:error` leaves it in its queue, to be tried again."
  @spec perform(String.t()) :: :ok | :error
  def perform(message) do
    case Json.decode(message) do
      {:ok, %{"kind" => "add", "id" => id, "payload" => %{"number" => number}}}
      when is_binary(id) and byte_size(id) <= 200 and is_integer(number) and number in @numbers ->
        add(id, number)

      {:ok,
       %{
         "kind" => "upload",
         "id" => id,
         "payload" => %{"object" => %{"key" => key, "size" => size}}
       }} ->
        Logger.info("job #{inspect(id)}: #{inspect(key)} of #{inspect(size)} bytes has arrived")

      # The dead-letter queue is where somebody looks at it.
      _ ->
        Logger.error("a job that is none of this application's: #{String.slice(message, 0, 200)}")
        :error
    end
  end

  defp enqueue(url, number) do
    id = 16 |> :crypto.strong_rand_bytes() |> Base.url_encode64(padding: false)

    case Sqs.send(url, Json.encode(%{kind: "add", id: id, payload: %{number: number}})) do
      :ok ->
        Response.json(202, %{job: id})

      {:error, reason} ->
        Logger.error("jobs: #{inspect(reason)}")
        Response.json(503, %{error: "the queue did not take it"}, [{"retry-after", "1"}])
    end
  end

  defp add(id, number) do
    case Tally.add_once(id, number) do
      {:ok, _} ->
        :ok

      {:error, reason} ->
        Logger.warning("job #{id}: #{inspect(reason)}")
        :error
    end
  end
end
