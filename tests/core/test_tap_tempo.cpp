#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/clock_keeper.h"

using namespace sideman;

TEST_CASE("the second tap sets the tempo, and each one is the next beat") {
  ClockKeeper keeper;
  CHECK(keeper.beat(0, 10.0).ok());
  CHECK_FALSE(keeper.at(10.0, "auto").known);
  CHECK(keeper.beat(0, 10.5).ok());
  CHECK(keeper.at(10.5, "auto").bpm == doctest::Approx(120.0));
  CHECK(keeper.at(10.5, "auto").beat == doctest::Approx(1.0));
  CHECK(keeper.beat(0, 11.1).ok());
  CHECK(keeper.at(11.1, "auto").beat == doctest::Approx(2.0));
}

TEST_CASE("the tempo is that of the last four intervals which are much the same") {
  TapTempo taps;
  CHECK_FALSE(taps.tap(0.0, 1));
  CHECK(*taps.tap(0.5, 1) == doctest::Approx(120.0));
  CHECK(*taps.tap(1.5, 1) == doctest::Approx(60.0 / 0.75));  // of 0.5 and 1
  CHECK(*taps.tap(2.0, 1) == doctest::Approx(120.0));        // one outlier of three
  CHECK(*taps.tap(2.6, 1) == doctest::Approx(180.0 / 1.6));      // 0.5, 0.5 and 0.6
  CHECK(*taps.tap(3.2, 1) == doctest::Approx(180.0 / 1.7));   // 1, 0.5, 0.6, 0.6
  CHECK(*taps.tap(3.8, 1) == doctest::Approx(240.0 / 2.3));
  CHECK(*taps.tap(4.4, 1) == doctest::Approx(60.0 / 0.6));
}

TEST_CASE("taps that come in whole vectors of audio have the tempo all the same") {
  constexpr double vector = 4096.0 / 44100.0;
  TapTempo taps;
  double worst = 0.0;
  for (int i = 0; i < 24; ++i) {
    const auto bpm = taps.tap(std::floor(0.5 * i / vector) * vector, 1);
    if (i >= 4) worst = std::max(worst, std::abs(*bpm - 120.0));
  }
  CHECK(worst < 6.0);
}

TEST_CASE("where the audio stood still the band played on, and so does the clock by hand") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(120.0, 5.0).ok());
  CHECK(keeper.beat(1, 5.0).ok());
  keeper.pass(10.3);
  CHECK(keeper.at(5.0, "auto").beat == doctest::Approx(20.6));
  CHECK(keeper.beat(0, 5.2).ok());  // 10.5 s, or 21 beats, after the last one
  CHECK(keeper.at(5.2, "auto").beat == doctest::Approx(21.0));
  CHECK(keeper.at(5.2, "auto").bpm == doctest::Approx(120.0));
}

TEST_CASE("a pause begins a new series, a bounce does not count, and the limits are tempos") {
  TapTempo taps;
  CHECK_FALSE(taps.tap(0.0, 1));
  CHECK(*taps.tap(0.24, 1) == doctest::Approx(250.0));
  CHECK_FALSE(taps.tap(2.25, 1));
  CHECK(*taps.tap(4.25, 1) == doctest::Approx(30.0));
  CHECK_FALSE(taps.tap(4.45, 1));
  CHECK(*taps.tap(4.75, 1) == doctest::Approx(60.0 / 1.25));  // of 2 and 0.5
}

TEST_CASE("a tempo message holds until the next two taps") {
  ClockKeeper keeper;
  for (const double moment : {0.0, 0.5, 1.0}) CHECK(keeper.beat(0, moment).ok());
  CHECK(keeper.tempo(90.0, 1.2).ok());
  CHECK(keeper.beat(0, 1.5).ok());
  CHECK(keeper.at(1.5, "auto").bpm == 90.0);
  CHECK(keeper.beat(0, 2.5).ok());
  CHECK(keeper.at(2.5, "auto").bpm == doctest::Approx(60.0));
}

TEST_CASE("numbers in the bar tell how many beats lie between two taps") {
  ClockKeeper keeper;
  CHECK(keeper.beat(4, 0.0).ok());
  CHECK(keeper.beat(1, 0.5).ok());
  CHECK(keeper.at(0.5, "auto").bpm == doctest::Approx(120.0));
  CHECK(keeper.beat(3, 1.5).ok());
  CHECK(keeper.at(1.5, "auto").bpm == doctest::Approx(120.0));
  CHECK(keeper.at(1.5, "auto").beat == doctest::Approx(2.0));
}

TEST_CASE("a downbeat in every bar, or in every fourth, keeps the tempo that it has") {
  for (const double gap : {2.0, 8.0}) {
    CAPTURE(gap);
    ClockKeeper keeper;
    CHECK(keeper.tempo(120.0, 0.0).ok());
    for (int i = 0; i < 5; ++i) CHECK(keeper.beat(1, 1.0 + gap * i).ok());
    CHECK(keeper.at(20.0, "auto").bpm == doctest::Approx(120.0));
  }
}

TEST_CASE("numbered beats after a pause are a new series too") {
  ClockKeeper keeper;
  for (int i = 0; i < 8; ++i) CHECK(keeper.beat(i % 4 + 1, 0.5 * i).ok());
  CHECK(keeper.at(4.0, "auto").bpm == doctest::Approx(120.0));
  CHECK(keeper.beat(1, 300.1).ok());
  CHECK(keeper.at(300.1, "auto").bpm == doctest::Approx(120.0));
  CHECK(keeper.at(300.1, "auto").beat == doctest::Approx(0.0));
  CHECK(keeper.beat(2, 300.1 + 60.0 / 90.0).ok());
  CHECK(keeper.at(301.0, "auto").bpm == doctest::Approx(90.0));
}

TEST_CASE("a new meter between two taps makes no nonsense of their numbers") {
  ClockKeeper keeper;
  CHECK(keeper.meter(7, 0.0).ok());
  CHECK(keeper.beat(7, 0.0).ok());
  CHECK(keeper.meter(3, 0.0).ok());
  CHECK(keeper.beat(1, 0.5).ok());
  CHECK(keeper.at(0.5, "auto").bpm == doctest::Approx(120.0));
}
