#include <doctest/doctest.h>

#include "core/clock_keeper.h"

using namespace sideman;

TEST_CASE("nothing said, nothing known") {
  const ClockKeeper keeper;
  CHECK_FALSE(keeper.at(1.0, "auto").known);
  CHECK_FALSE(keeper.at(1.0, "transport").known);
}

TEST_CASE("a tempo without a beat starts its phase when it is said") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(120.0, 10.0).ok());
  const Clock clock = keeper.at(13.25, "auto");
  CHECK(clock.known);
  CHECK(clock.bpm == 120.0);
  CHECK(clock.beat == doctest::Approx(6.5));
  CHECK(clock.beats_per_bar == 4);
}

TEST_CASE("a new tempo keeps the beat running") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(60.0, 0.0).ok());
  CHECK(keeper.tempo(120.0, 3.5).ok());
  CHECK(keeper.at(3.5, "auto").beat == doctest::Approx(3.5));
  CHECK(keeper.at(4.5, "auto").beat == doctest::Approx(5.5));
}

TEST_CASE("a beat sets the phase: by its number, or to the nearest") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(60.0, 0.0).ok());
  CHECK(keeper.beat(3, 10.0).ok());
  CHECK(keeper.at(10.5, "auto").beat == doctest::Approx(2.5));
  CHECK(keeper.beat(0, 12.9).ok());  // nearly 5, and too long after the last to be a tap
  CHECK(keeper.at(12.9, "auto").beat == doctest::Approx(5.0));
  CHECK(keeper.at(12.9, "auto").bpm == 60.0);
}

TEST_CASE("a switch that bounces moves nothing, a number in the bar does") {
  ClockKeeper keeper;
  CHECK(keeper.beat(0, 0.0).ok());
  CHECK(keeper.beat(0, 0.5).ok());
  const double before = keeper.at(2.0, "auto").beat;
  CHECK(keeper.beat(0, 0.53).ok());
  CHECK(keeper.beat(0, 0.7).ok());
  CHECK(keeper.at(2.0, "auto").beat == before);
  CHECK(keeper.at(2.0, "auto").bpm == doctest::Approx(120.0));
  CHECK(keeper.beat(1, 0.72).ok());
  CHECK(keeper.at(0.72, "auto").beat == doctest::Approx(0.0));
}

TEST_CASE("a beat before any tempo waits for it") {
  ClockKeeper keeper;
  CHECK(keeper.beat(1, 2.0).ok());
  CHECK_FALSE(keeper.at(3.0, "auto").known);
  CHECK(keeper.tempo(60.0, 4.0).ok());
  CHECK(keeper.at(5.0, "auto").beat == doctest::Approx(3.0));
}

TEST_CASE("the transport goes first while it runs, and the hand takes over when it stops") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(60.0, 0.0).ok());
  keeper.transport(true, 90.0, 8.0, 3, 2.0);
  CHECK(keeper.at(4.0, "auto").beat == doctest::Approx(11.0));
  CHECK(keeper.at(4.0, "auto").beats_per_bar == 3);
  keeper.transport(false, 90.0, 11.0, 3, 4.0);
  CHECK(keeper.at(5.0, "auto").bpm == 60.0);
  CHECK_FALSE(keeper.at(5.0, "transport").known);
  CHECK_FALSE(keeper.at(5.0, "off").known);
}

TEST_CASE("off is off, and transport never uses the hand") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(60.0, 0.0).ok());
  CHECK_FALSE(keeper.at(1.0, "off").known);
  CHECK_FALSE(keeper.at(1.0, "transport").known);
  keeper.transport(true, 90.0, 0.0, 4, 1.0);
  CHECK_FALSE(keeper.at(1.0, "off").known);
  CHECK(keeper.at(1.0, "transport").known);
}

TEST_CASE("track tells nothing that was said, and only auto and track let a backend listen") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(60.0, 0.0).ok());
  keeper.transport(true, 90.0, 0.0, 4, 1.0);
  CHECK_FALSE(keeper.at(1.0, "track").known);
  CHECK(may_listen("auto"));
  CHECK(may_listen("track"));
  CHECK_FALSE(may_listen("transport"));
  CHECK_FALSE(may_listen("off"));
}

TEST_CASE("a metre that changes on a bar line begins a bar there") {
  for (const double early : {0.0, 0.02, -0.02}) {
    ClockKeeper keeper;
    CHECK(keeper.tempo(120.0, 0.0).ok());
    CHECK(keeper.beat(1, 0.0).ok());
    const double line = 20.0;  // ten bars of 4 beats
    CHECK(keeper.meter(3, line - early).ok());
    const Clock now = keeper.at(line, "auto");
    CHECK(now.beats_per_bar == 3);
    CHECK(now.beat == doctest::Approx(0.0).epsilon(1e-9));
    CHECK(keeper.at(line + 1.5, "auto").beat == doctest::Approx(3.0));
  }
}

TEST_CASE("a metre that changes within a bar keeps the beat of the bar") {
  ClockKeeper keeper;
  CHECK(keeper.tempo(60.0, 0.0).ok());
  CHECK(keeper.beat(1, 0.0).ok());
  CHECK(keeper.meter(3, 9.0).ok());  // on the second beat of the third bar of four
  CHECK(keeper.at(9.0, "auto").beat == doctest::Approx(1.0));
}

TEST_CASE("a metre between two taps does not move the beat that they count") {
  ClockKeeper keeper;
  for (const double moment : {0.0, 0.5, 1.0}) CHECK(keeper.beat(0, moment).ok());
  CHECK(keeper.meter(3, 1.25).ok());
  CHECK(keeper.beat(0, 1.5).ok());
  CHECK(keeper.at(1.5, "auto").beat == doctest::Approx(3.0));
}

TEST_CASE("a host may count in short units: 7/16 at 140 quarters is 560 beats a minute") {
  ClockKeeper keeper;
  keeper.transport(true, 560.0, 3.0, 7, 0.0);
  CHECK(keeper.at(0.0, "transport").known);
  keeper.transport(true, 1001.0, 3.0, 7, 0.0);
  CHECK_FALSE(keeper.at(0.0, "transport").known);
}

TEST_CASE("what makes no sense is refused, or taken as unknown from a host") {
  ClockKeeper keeper;
  CHECK_FALSE(keeper.tempo(0.0, 0.0).ok());
  CHECK_FALSE(keeper.tempo(501.0, 0.0).ok());
  CHECK_FALSE(keeper.meter(0, 0.0).ok());
  CHECK(keeper.meter(3, 0.0).ok());
  CHECK_FALSE(keeper.beat(4, 0.0).ok());
  CHECK(keeper.beat(3, 0.0).ok());
  keeper.transport(true, 0.0, 0.0, 4, 0.0);
  CHECK_FALSE(keeper.at(0.0, "transport").known);
}
