defmodule Counter.Uploads do
  @moduledoc """
  `PUT /uploads/name`: a body becomes an object of the environment's bucket, from phase 1 on.

  It passes through this node, which is fine for small files; large ones a browser sends to the bucket itself, with an address
  that the application has signed.
  """

  alias Counter.Aws
  alias Counter.Http.{Request, Response}

  @largest 8 * 1024 * 1024
  @name ~r/\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z/

  @doc "Bytes that an upload may have."
  def largest, do: @largest

  def answer(name, request) do
    case Application.fetch_env!(:counter, :settings) do
      %{uploads_bucket: nil} ->
        Response.json(503, %{error: "there is no bucket before phase 1"})

      %{uploads_bucket: bucket, region: region} ->
        if name =~ @name, do: put(bucket, region, name, request), else: refusal()
    end
  end

  defp put(bucket, region, name, request) do
    type = Request.header(request, "content-type") || "application/octet-stream"

    case Aws.Request.send(
           "PUT",
           address(bucket, region, name),
           %{"content-type" => type},
           request.body,
           "s3",
           30_000
         ) do
      {:ok, _} ->
        Response.json(201, %{upload: name, size: byte_size(request.body)})

      {:error, reason} ->
        require Logger
        Logger.error("upload #{name}: #{inspect(reason)}")
        Response.json(502, %{error: "the bucket did not take it"})
    end
  end

  defp refusal,
    do:
      Response.json(400, %{
        error: "a name has letters, digits, dots, hyphens and underscores, at most 128"
      })

  # The variable is the one of AWS's own tools, for an engine on the own machine.
  defp address(bucket, region, name) do
    case System.get_env("AWS_ENDPOINT_URL") do
      nil -> URI.parse("https://#{bucket}.s3.#{region}.amazonaws.com/uploads/#{name}")
      endpoint -> URI.parse("#{endpoint}/#{bucket}/uploads/#{name}")
    end
  end
end
