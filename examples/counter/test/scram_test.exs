defmodule Counter.Database.ScramTest do
  use ExUnit.Case, async: true

  alias Counter.Database.Scram

  @challenge "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
  @password "pencil"

  test "the example of RFC 7677" do
    first = {"n=user,r=rOprNGfwEbeRWgbNEkqO", "rOprNGfwEbeRWgbNEkqO"}
    assert {:ok, final, signature} = Scram.answer(first, @challenge, @password)

    assert final ==
             "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="

    assert Scram.verified?("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", signature)
    refute Scram.verified?("v=7rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", signature)
    refute Scram.verified?("e=other-error", signature)
  end

  test "a challenge of somebody else is refused" do
    first = Scram.first("abc")

    for challenge <- [
          "r=abc,s=AAAA,i=4096",
          "r=xyz123,s=AAAA,i=4096",
          "r=abc123,s=AAAA,i=1",
          "r=abc123,s=AAAA,i=999999999",
          "r=abc123,s=*,i=4096",
          "e=no"
        ] do
      assert {:error, _} = Scram.answer(first, challenge, "password"), challenge
    end
  end
end
