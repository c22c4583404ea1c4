defmodule Counter.Database.Scram do
  @moduledoc """
  The client's side of SCRAM-SHA-256 without channel binding: both show that they know the password, and none says it.
  Source: RFC 5802, RFC 7677; https://www.postgresql.org/docs/17/sasl-authentication.html
  """

  @no_channel_binding "n,,"

  # Below it a server asks for less work than PostgreSQL ever has, and above it for a denial of service.
  @iterations 4096..1_000_000

  @doc "First message of the client: `nonce` is fresh for each login. PostgreSQL takes the user from the startup message."
  def first(nonce \\ 18 |> :crypto.strong_rand_bytes() |> Base.encode64()),
    do: {"n=,r=" <> nonce, nonce}

  def initial(first), do: @no_channel_binding <> first

  @doc "The answer to the server's challenge, and the signature that the server then has to show."
  @spec answer({String.t(), String.t()}, String.t(), String.t()) ::
          {:ok, String.t(), binary} | {:error, String.t()}
  def answer({first, nonce}, challenge, password) do
    with %{"r" => both, "s" => salt, "i" => iterations} <- fields(challenge),
         true <- String.starts_with?(both, nonce) and both != nonce,
         {:ok, salt} <- Base.decode64(salt),
         {count, ""} when count in @iterations <- Integer.parse(iterations) do
      # SASLprep, of which this is the part that matters for what people type.
      secret = :crypto.pbkdf2_hmac(:sha256, String.normalize(password, :nfkc), salt, count, 32)
      client = hmac(secret, "Client Key")
      final = "c=#{Base.encode64(@no_channel_binding)},r=#{both}"
      said = Enum.join([first, challenge, final], ",")
      proof = :crypto.exor(client, :crypto.hash(:sha256, client) |> hmac(said))
      {:ok, "#{final},p=#{Base.encode64(proof)}", secret |> hmac("Server Key") |> hmac(said)}
    else
      _ -> {:error, "the server's challenge is not right"}
    end
  end

  @doc "True when the server knows the password too."
  def verified?(message, signature) do
    with %{"v" => value} <- fields(message), {:ok, shown} <- Base.decode64(value) do
      byte_size(shown) == byte_size(signature) and :crypto.hash_equals(shown, signature)
    else
      _ -> false
    end
  end

  defp hmac(key, data), do: :crypto.mac(:hmac, :sha256, key, data)

  defp fields(message) do
    for part <- String.split(message, ","),
        [key, value] <- [String.split(part, "=", parts: 2)],
        into: %{},
        do: {key, value}
  end
end
