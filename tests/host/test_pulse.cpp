#include <doctest/doctest.h>

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
