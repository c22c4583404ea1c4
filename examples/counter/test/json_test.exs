defmodule Counter.JsonTest do
  use ExUnit.Case, async: true

  # The one of Elixir 1.18 where there is one, and the one for before, on every version.
  for module <- [Counter.Json, Counter.Json.Plain] do
    describe inspect(module) do
      @json module

      test "reads what it writes" do
        value = %{
          "text" => "a \"quote\", a \\, a line\nand \u00e9 \u{1F600}",
          "numbers" => [0, -1, 1.5, 12_345_678_901_234_567_890],
          "words" => [true, false, nil],
          "empty" => [%{}, [], ""]
        }

        assert {:ok, ^value} = @json.decode(@json.encode(value))
      end

      test "reads escapes and blanks" do
        assert {:ok, %{"a" => ["\u{1F600}/\t", 2.0e3]}} =
                 @json.decode(~S( { "a" : [ "\ud83d\ude00\/\t" , 2e3 ] } ))
      end

      test "refuses what is none" do
        for text <-
              [
                "",
                "{",
                "[1,]",
                "{\"a\":}",
                "\"\\ud800\"",
                "\"a\nb\"",
                "nul",
                "1 2",
                "01",
                "\"\xff\""
              ] do
          assert @json.decode(text) == :error, text
        end
      end
    end
  end

  test "the plain one does not follow endless depth" do
    assert Counter.Json.Plain.decode(String.duplicate("[", 100_000)) == :error
  end
end
