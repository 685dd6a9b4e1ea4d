#include <doctest/doctest.h>

#include <cstdint>

#include "host/pulse.h"

using namespace sideman;
using namespace std::chrono_literals;

namespace {

constexpr double short_vector = 64.0 / 44100.0;
const Pulse::Moment start{};

}  // namespace

TEST_CASE("a stop is brief, then lasting, and each is told once") {
  Pulse pulse;
  CHECK(pulse.feel(1.0, start, short_vector) == Pulse::Stop::none);
  CHECK(pulse.feel(1.0, start + 200ms, short_vector) == Pulse::Stop::none);
  CHECK(pulse.feel(1.0, start + 260ms, short_vector) == Pulse::Stop::brief);
  CHECK(pulse.feel(1.0, start + 500ms, short_vector) == Pulse::Stop::none);
  CHECK(pulse.feel(1.0, start + 2100ms, short_vector) == Pulse::Stop::lasting);
  CHECK(pulse.feel(1.0, start + 4s, short_vector) == Pulse::Stop::none);
}

TEST_CASE("how long it has stood still, and had, is told from a stop on") {
  Pulse pulse;
  pulse.feel(1.0, start, short_vector);
  pulse.feel(1.0, start + 200ms, short_vector);
  CHECK(pulse.stopped_for(start + 200ms) == 0.0);
  pulse.feel(1.0, start + 1s, short_vector);
  CHECK(pulse.stopped_for(start + 1s) == doctest::Approx(1.0));
  CHECK(pulse.lost() == 0.0);
  pulse.feel(1.1, start + 10s, short_vector);
  CHECK(pulse.lost() == doctest::Approx(9.9));
  CHECK(pulse.stopped_for(start + 10s) == 0.0);
  pulse.feel(1.2, start + 10100ms, short_vector);
  CHECK(pulse.lost() == 0.0);
}

TEST_CASE("a stop that nobody looked at while it lasted is lost time too, and a late look is none") {
  Pulse pulse;
  pulse.feel(1.0, start, short_vector);
  CHECK(pulse.feel(1.1, start + 1100ms, short_vector) == Pulse::Stop::none);
  CHECK(pulse.lost() == doctest::Approx(1.0));
  pulse.feel(1.2, start + 1200ms, short_vector);
  CHECK(pulse.lost() == 0.0);
  pulse.feel(4.2, start + 4300ms, short_vector);  // the control thread hung, the audio did not
  CHECK(pulse.lost() == 0.0);
}

TEST_CASE("long vectors that are far apart are no stops") {
  for (const double vector : {16384.0 / 44100.0, 131072.0 / 44100.0}) {
    CAPTURE(vector);
    Pulse pulse;
    Pulse::Moment now = start;
    for (int block = 1; block < 6; ++block) {
      for (double within = 0.0; within < vector; within += 0.01) {
        CHECK(pulse.feel(block * vector, now, vector) == Pulse::Stop::none);
        now += 10ms;
      }
    }
    CHECK(pulse.feel(5 * vector, now + std::chrono::seconds(60), vector) == Pulse::Stop::lasting);
  }
}

TEST_CASE("before the first audio nothing has stopped") {
  Pulse pulse;
  CHECK(pulse.feel(0.0, start, short_vector) == Pulse::Stop::none);
  CHECK(pulse.feel(0.0, start + 10s, short_vector) == Pulse::Stop::none);
}

TEST_CASE("short stops are lost time, told soon after; bursts and a clock that runs on are none") {
  Pulse pulse;
  double audio = 0.0, lost = 0.0;
  Pulse::Moment now = start;
  const auto play = [&](int vectors, double vector) {
    for (int i = 0; i < vectors; ++i) {
      audio += vector;  // in pairs, as where a driver asks for two at once
      if (i % 2 == 1) now += std::chrono::nanoseconds(static_cast<int64_t>(2e9 * vector));
      CHECK(pulse.feel(audio, now, vector) == Pulse::Stop::none);
      lost += pulse.lost();
    }
  };
  play(300, 0.0232);
  CHECK(lost == 0.0);
  for (int i = 0; i < 10; ++i) {
    now += 100ms;
    play(100, 0.0232);
  }
  CHECK(lost == doctest::Approx(1.0));
  play(300, 0.0232);
  CHECK(lost == doctest::Approx(1.0));
}

TEST_CASE("a driver that is ahead and falls back to where it was has lost nothing") {
  Pulse pulse;
  double lost = 0.0;
  for (int ms = 20; ms < 10000; ms += 20) {
    const double ahead = ms / 1000 % 2 == 0 ? 0.015 : 0.0;
    pulse.feel(0.001 * ms + ahead, start + std::chrono::milliseconds(ms), short_vector);
    lost += pulse.lost();
  }
  CHECK(lost == 0.0);
}
