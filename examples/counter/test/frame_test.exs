defmodule Counter.Websocket.FrameTest do
  use ExUnit.Case, async: true

  alias Counter.Websocket.{Frame, Handshake}

  test "the examples of RFC 6455" do
    assert Handshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

    assert Frame.parse(<<0x81, 0x85, 0x37FA213D::32, 0x7F, 0x9F, 0x4D, 0x51, 0x58>>) ==
             {:ok, {:text, true, "Hello"}, ""}

    assert IO.iodata_to_binary(Frame.encode(:text, "Hello")) == <<0x81, 0x05, "Hello">>
  end

  test "frames of every length, wherever they are cut" do
    for size <- [0, 1, 125, 126, 65_535, 65_536] do
      payload = String.duplicate("a", size)
      frame = masked(2, payload)
      assert Frame.parse(frame <> "rest") == {:ok, {:binary, true, payload}, "rest"}

      for at <- [0, 1, 2, 3, byte_size(frame) - 1],
          do: assert(Frame.parse(binary_part(frame, 0, at)) == :more)

      <<_, _::1, length::bitstring>> = IO.iodata_to_binary(Frame.encode(:binary, payload))
      assert <<_, _::1, ^length::bitstring>> = <<0, 0::1, length::bitstring>>
    end
  end

  test "what a client must not send" do
    assert Frame.parse(<<0x81, 0x05, "Hello">>) == {:error, 1002}
    assert Frame.parse(<<0xC1, 0x80, 0::32>>) == {:error, 1002}
    assert Frame.parse(<<0x83, 0x80, 0::32>>) == {:error, 1002}
    assert Frame.parse(<<0x09, 0x80, 0::32>>) == {:error, 1002}
    assert Frame.parse(<<0x89, 0xFE, 126::16, 0::32>>) == {:error, 1002}
    assert Frame.parse(<<0x82, 0xFF, 65_537::64>>) == {:error, 1009}
  end

  test "the origin of a browser is the name of the site" do
    assert Handshake.from_here?("https://www.example.com", "www.example.com")
    refute Handshake.from_here?("https://www.example.com.evil.example", "www.example.com")
    refute Handshake.from_here?("null", "www.example.com")
    assert Handshake.from_here?(nil, "www.example.com")
  end

  defp masked(code, payload) do
    size = byte_size(payload)

    length =
      cond do
        size < 126 -> <<size::7>>
        size < 65_536 -> <<126::7, size::16>>
        true -> <<127::7, size::64>>
      end

    <<1::1, 0::3, code::4, 1::1, length::bitstring, 0::32, payload::binary>>
  end
end
