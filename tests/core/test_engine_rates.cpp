#include <doctest/doctest.h>

#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int seconds = 20;  // the sanitizers look for errors of memory and threads, not of time
#else
constexpr int seconds = 600;
#endif

struct Error {
  double error = 0.0, power = 0.0;
  double db() const { return 10.0 * std::log10(error / power); }
};

// Plays whole seconds of music over and over and compares one tenth of each second with the music at
// its exact, not whole, delay.
void check_rate(double rate, int vector) {
  Rig rig(fixed_lead(), echo_factory(), rate, vector);
  REQUIRE(rig.opened);
  const auto second = music(static_cast<int64_t>(rate), rate);
  const double reaction = 7.0 * 2048.0 / 44100.0;
  const auto outlet = static_cast<double>(rig.engine.info().latency_samples) -
                      std::round(reaction * rate);  // what the resamplers add, in whole samples
  double worst_db = -300.0;
  for (int s = 0; s < seconds; ++s) {
    rig.play(second);
    if (s == 0) {
      rig.out[0].clear();
      continue;
    }
    Error sum;
    for (size_t i = 0; i < rig.out[0].size() / 10; ++i) {
      const double moment = (static_cast<double>(i) - outlet) / rate - reaction;
      const double right = music_at(moment);
      sum.error += (rig.out[0][i] - right) * (rig.out[0][i] - right);
      sum.power += right * right;
    }
    REQUIRE(std::isfinite(sum.db()));  // neither nothing played nor no numbers
    worst_db = std::max(worst_db, sum.db());
    rig.out[0].clear();
  }
  MESSAGE(rate << " Hz, vector " << vector << ": latency " << rig.engine.info().latency_samples
               << " samples, worst second " << worst_db << " dB");
  CHECK(worst_db < -80.0);
  CHECK(rig.engine.stats().late == 0);
  CHECK(rig.engine.stats().silent_samples == 0);
}

}  // namespace

TEST_CASE("the delay is constant to the sample over ten minutes at 48 kHz") { check_rate(48000, 64); }
TEST_CASE("the delay is constant to the sample over ten minutes at 88.2 kHz") {
  check_rate(88200, 512);
}
TEST_CASE("the delay is constant to the sample over ten minutes at 96 kHz") {
  check_rate(96000, 1024);
}

TEST_CASE("resampled output does not depend on the vector size") {
  std::vector<float> first;
  for (const int vector : {1, 63, 256, 4096}) {
    CAPTURE(vector);
    Rig rig(fixed_lead(), echo_factory(), 48000.0, vector);
    rig.play(music(65536, 48000.0));
    if (first.empty()) first = rig.out[0];
    CHECK(rig.out[0] == first);
  }
}
