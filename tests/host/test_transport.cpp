#include <doctest/doctest.h>

#include "host/transport.h"

using namespace sideman;

TEST_CASE("the first downbeat is beat 0") {
  const BeatPosition position = beat_position({});
  CHECK(position.beat == 0.0);
  CHECK(position.bpm == 120.0);
  CHECK(position.beats_per_bar == 4);
}

TEST_CASE("bars, beats and ticks add up") {
  HostTransport transport;
  transport.bar = 3;
  transport.beat = 2;
  transport.ticks = 240.0;
  CHECK(beat_position(transport).beat == doctest::Approx(9.5));
}

TEST_CASE("in six eight a beat is an eighth") {
  HostTransport transport;
  transport.beats_per_bar = 6;
  transport.beat_unit = 8;
  transport.bar = 2;
  transport.beat = 4;
  transport.ticks = 120.0;
  const BeatPosition position = beat_position(transport);
  CHECK(position.bpm == doctest::Approx(240.0));
  CHECK(position.beat == doctest::Approx(9.5));
  CHECK(position.beats_per_bar == 6);
}

TEST_CASE("a transport without a time signature counts on") {
  HostTransport transport;
  transport.beats_per_bar = 0;
  transport.beat_unit = 0;
  CHECK(beat_position(transport).beats_per_bar == 1);
}
