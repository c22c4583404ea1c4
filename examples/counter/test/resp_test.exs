defmodule Counter.Cache.RespTest do
  use ExUnit.Case, async: true

  alias Counter.Cache.Resp

  test "commands" do
    assert IO.iodata_to_binary(Resp.encode(["GET", "é"])) == "*2\r\n$3\r\nGET\r\n$2\r\né\r\n"
  end

  test "answers, wherever they are cut" do
    for {text, answer} <- [
          {"+OK\r\n", {:ok, "OK"}},
          {"-WRONGPASS no\r\n", {:error, "WRONGPASS no"}},
          {":42\r\n", {:ok, 42}},
          {"$-1\r\n", {:ok, nil}},
          {"$4\r\na\r\nb\r\n", {:ok, "a\r\nb"}}
        ] do
      assert Resp.decode(text) == {:ok, answer, ""}

      for at <- 0..(byte_size(text) - 1),
          do: assert(Resp.decode(binary_part(text, 0, at)) == :more)
    end

    assert Resp.decode("$3\r\nabcd\r\n") == :error
    assert Resp.decode("HTTP/1.1 400\r\n") == :error
  end
end
