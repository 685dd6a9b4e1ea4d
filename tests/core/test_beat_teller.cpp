#include <cmath>
#include <doctest/doctest.h>

#include <vector>

#include "core/beat_teller.h"

using namespace sideman;

namespace {

HeardClock heard(double beat, double confidence = 0.9) {
  return {.clock = {.known = true, .bpm = 120.0, .beat = beat}, .confidence = confidence};
}

}  // namespace

TEST_CASE("a beat is told once, however often one looks") {
  BeatTeller teller;
  std::vector<double> told;
  for (double beat = 2.9; beat < 6.0; beat += 0.04) {
    if (teller.tells(heard(beat))) told.push_back(std::floor(beat));
  }
  CHECK(told == std::vector<double>{2.0, 3.0, 4.0, 5.0});
}

TEST_CASE("a correction that falls back over the line is no new beat, a jump is") {
  BeatTeller teller;
  CHECK(teller.tells(heard(5.02)));
  CHECK_FALSE(teller.tells(heard(4.97)));
  CHECK_FALSE(teller.tells(heard(5.01)));
  CHECK(teller.tells(heard(4.3)));
  CHECK(teller.tells(heard(-0.5)));
}

TEST_CASE("confidence that crosses a half is told within a beat") {
  BeatTeller teller;
  CHECK(teller.tells(heard(1.1, 0.4)));
  CHECK(teller.tells(heard(1.2, 0.5)));
  CHECK_FALSE(teller.tells(heard(1.3, 0.9)));
  CHECK(teller.tells(heard(1.4, 0.3)));
}

TEST_CASE("an unknown clock is not told, and the first beat after it is") {
  BeatTeller teller;
  CHECK_FALSE(teller.tells({}));
  CHECK(teller.tells(heard(3.5)));
  CHECK_FALSE(teller.tells({}));
  CHECK(teller.tells(heard(3.6)));
}
