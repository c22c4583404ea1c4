defmodule Counter.Aws.Sqs do
  @moduledoc """
  A queue of SQS, by its JSON protocol.
  Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/Welcome.html, read 2026-11-29.
  """

  alias Counter.Aws.Request
  alias Counter.Json

  @type message :: %{body: String.t(), receipt: String.t()}

  # Seconds that a receiver waits for messages: the longest there is.
  @wait 20

  @spec send(String.t(), String.t()) :: :ok | {:error, term}
  def send(url, body), do: done(call(url, "SendMessage", %{"MessageBody" => body}))

  @doc "At most `most` messages (1 to 10), after at most 20 s."
  @spec receive(String.t(), 1..10) :: {:ok, [message]} | {:error, term}
  def receive(url, most) do
    parameters = %{"MaxNumberOfMessages" => most, "WaitTimeSeconds" => @wait}

    with {:ok, answer} <- call(url, "ReceiveMessage", parameters, (@wait + 10) * 1_000) do
      messages =
        for %{"Body" => body, "ReceiptHandle" => receipt} <- answer["Messages"] || [],
            do: %{body: body, receipt: receipt}

      {:ok, messages}
    end
  end

  def delete(url, receipt), do: done(call(url, "DeleteMessage", %{"ReceiptHandle" => receipt}))

  @doc "Hides a message for so many seconds from now: 0 gives it back at once."
  def hide(url, receipt, seconds) do
    done(
      call(url, "ChangeMessageVisibility", %{
        "ReceiptHandle" => receipt,
        "VisibilityTimeout" => seconds
      })
    )
  end

  defp call(url, action, parameters, timeout \\ 10_000) do
    headers = %{
      "content-type" => "application/x-amz-json-1.0",
      "x-amz-target" => "AmazonSQS." <> action
    }

    body = parameters |> Map.put("QueueUrl", url) |> Json.encode()

    with {:ok, text} <-
           Request.send("POST", %{URI.parse(url) | path: "/"}, headers, body, "sqs", timeout) do
      case Json.decode(if(text == "", do: "{}", else: text)) do
        {:ok, answer} when is_map(answer) -> {:ok, answer}
        _ -> {:error, :no_json}
      end
    end
  end

  defp done({:ok, _}), do: :ok
  defp done({:error, reason}), do: {:error, reason}
end
