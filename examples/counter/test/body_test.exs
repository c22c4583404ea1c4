defmodule Counter.Http.BodyTest do
  use ExUnit.Case, async: true

  alias Counter.Http.Body

  # A connection on which these parts come one by one, and then nothing.
  defp read(framing, buffer, parts, limit \\ 100) do
    {:ok, agent} = Agent.start_link(fn -> parts end)

    more = fn buffer ->
      case Agent.get_and_update(agent, fn parts -> {List.first(parts), Enum.drop(parts, 1)} end) do
        nil -> {:error, :timeout}
        part -> {:ok, buffer <> part}
      end
    end

    Body.read(framing, buffer, limit, more)
  end

  test "of a length" do
    assert read({:length, 5}, "he", ["ll", "oGET"]) == {:ok, "hello", "GET"}
    assert read({:length, 5}, "he", []) == {:error, 408}
    assert read({:length, 101}, "", []) == {:error, 413}
  end

  test "in chunks, wherever they are cut" do
    whole = "4;ext=1\r\nWiki\r\n6\r\npedia \r\n0\r\nTrailer: x\r\n\r\nGET"

    for at <- 0..byte_size(whole) do
      {first, second} = String.split_at(whole, at)

      assert {:ok, "Wikipedia ", rest} =
               read(:chunked, first, if(second == "", do: [], else: [second]))

      assert String.starts_with?("GET", rest)
    end
  end

  test "chunks that are none, or too many" do
    assert read(:chunked, "-1\r\n", []) == {:error, 400}
    assert read(:chunked, "2\r\nabc\r\n", []) == {:error, 400}
    assert read(:chunked, String.duplicate("1", 2_000), []) == {:error, 400}
    assert read(:chunked, "65\r\n", []) == {:error, 413}
    assert read(:chunked, "32\r\n#{String.duplicate("a", 50)}\r\n33\r\n", []) == {:error, 413}
  end
end
