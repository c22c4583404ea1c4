defmodule Counter.Sessions do
  @moduledoc """
  Counts the visits of a user, known by a cookie with a number that nobody guesses. Sessions are kept in the cache when there
  is one, and on the node before phase 3: then a user who comes to another node begins anew.
  """

  alias Counter.Http.{Request, Response}
  alias Counter.Sessions.{Cached, Local}

  @cookie "counter_session"
  @bytes 32

  @doc "Seconds without a visit after which a session is forgotten."
  def seconds, do: 3_600

  @doc "One more visit of a session that there is."
  @callback visit(id :: String.t()) :: {:ok, pos_integer} | :unknown | {:error, term}
  @doc "Begins a session with its first visit."
  @callback begin(id :: String.t()) :: :ok | {:error, term}

  def answer(request) do
    case visit(store(), Request.cookie(request, @cookie)) do
      {:ok, id, visits} ->
        Response.json(200, %{visits: visits, kept: kept()}, [
          {"set-cookie", cookie(id, Request.secure?(request))}
        ])

      {:error, reason} ->
        require Logger
        Logger.warning("sessions: #{inspect(reason)}")
        Response.json(503, %{error: "the sessions do not answer"}, [{"retry-after", "1"}])
    end
  end

  # A number that is not known is not taken over: who set it for somebody else would share his session.
  defp visit(store, id) do
    with true <- id?(id), {:ok, visits} <- store.visit(key(id)) do
      {:ok, id, visits}
    else
      {:error, reason} -> {:error, reason}
      _ -> first(store)
    end
  end

  defp first(store) do
    id = @bytes |> :crypto.strong_rand_bytes() |> Base.url_encode64(padding: false)
    with :ok <- store.begin(key(id)), do: {:ok, id, 1}
  end

  defp id?(id),
    do:
      id != nil and
        match?({:ok, <<_::binary-size(@bytes)>>}, Base.url_decode64(id, padding: false))

  # Hashed: who reads the store cannot be everybody.
  defp key(id), do: :sha256 |> :crypto.hash(id) |> Base.url_encode64(padding: false)

  defp cookie(id, secure?) do
    "#{@cookie}=#{id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=#{seconds()}" <>
      if(secure?, do: "; Secure", else: "")
  end

  defp store, do: if(cached?(), do: Cached, else: Local)
  defp kept, do: if(cached?(), do: "in the cache", else: "on this node")
  defp cached?, do: Application.fetch_env!(:counter, :settings).cache != nil
end
