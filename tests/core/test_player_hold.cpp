#include <doctest/doctest.h>

#include <numbers>

#include "support/player_bench.h"

using namespace sideman;
using namespace sideman::test;

namespace {

int64_t begin_of(int64_t hop) { return small_grid.slot(hop).begin; }
constexpr double amplitude = 0.5;
constexpr double hertz = 210.0;

// Two copies of the signal may cross: each may step by its own and by its fade's.
const double allowed_step =
    2.001 * amplitude * (2.0 * std::numbers::pi * hertz / 44100.0 +
                         std::numbers::pi / 2.0 / small_fade);

std::vector<float> slow_sine() { return sine(200000, hertz, 44100.0, amplitude); }

}  // namespace

TEST_CASE("hold repeats the last slot, with joins of equal power") {
  PlayerBench bench(slow_sine(), true);
  bench.offer(0);
  bench.play_to(begin_of(6));
  const int64_t turn = small_grid.hop_samples() - small_fade;
  const int64_t first = begin_of(1) - small_fade;  // where the first repeat begins
  for (int64_t repeat = 0; repeat < 4; ++repeat) {
    for (int64_t t = small_fade; t < turn; ++t) {
      REQUIRE(bench.played(first + repeat * turn + t) == bench.at(begin_of(0) + t));
    }
  }
  CHECK(largest_step(bench.out) < allowed_step);
  CHECK(bench.mirrored);
}

TEST_CASE("power stays level through the joins of a repeat") {
  PlayerBench bench(noise(40000, 6), true);
  bench.offer(0);
  bench.play_to(begin_of(30));
  const int64_t turn = small_grid.hop_samples() - small_fade;
  double joins = 0.0, middles = 0.0;
  for (int64_t t = begin_of(1) - small_fade; t < begin_of(29); ++t) {
    const int64_t at = (t - begin_of(1) + small_fade) % turn;
    const double power = bench.played(t) * bench.played(t);
    if (at < small_fade) joins += power / small_fade;
    if (at >= 400 && at < 400 + small_fade) middles += power / small_fade;
  }
  CHECK(joins / middles == doctest::Approx(1.0).epsilon(0.25));
}

TEST_CASE("after a hold the next result takes over at its place") {
  PlayerBench bench(slow_sine(), true);
  bench.offer(0);
  bench.play_to(begin_of(3) + 200);
  bench.offer(3);
  bench.offer(4);
  bench.play_to(begin_of(5) - small_fade);
  CHECK(bench.exact(begin_of(3) + 200 + small_fade, begin_of(5) - small_fade));
  CHECK(largest_step(bench.out) < allowed_step);
  CHECK(bench.stats.snapshot().silent_samples == begin_of(3) + 200 / 64 * 64 - begin_of(1) + 8);
}

TEST_CASE("before the first result there is nothing to hold") {
  PlayerBench bench(slow_sine(), true);
  bench.play_to(begin_of(2));
  CHECK(bench.silent(0, begin_of(2)));
}

TEST_CASE("switching hold on and off in a gap makes no step") {
  PlayerBench bench(slow_sine(), false);
  bench.offer(0);
  bench.play_to(begin_of(1) + 300);
  CHECK(bench.silent(begin_of(1), begin_of(1) + 300));
  bench.set_hold(true);
  bench.play_to(begin_of(1) + 900);
  CHECK_FALSE(bench.silent(begin_of(1) + 500, begin_of(1) + 900));
  bench.set_hold(false);
  bench.play_to(begin_of(3));
  CHECK(bench.silent(begin_of(1) + 900 + small_fade, begin_of(3)));
  CHECK(largest_step(bench.out) < allowed_step);
}

TEST_CASE("hold: whatever comes whenever, no step") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    PlayerBench bench(slow_sine(), true);
    for (int64_t hop = 0; hop < 40; ++hop) {
      bench.play_to(begin_of(hop) - 600 + static_cast<int64_t>(random() % 1900));
      if (random() % 9 == 0) bench.set_hold(random() % 2 == 0);
      if (random() % 4 == 0) continue;
      REQUIRE(bench.offer(hop, random() % 7 != 0));
    }
    bench.play_to(begin_of(44));
    CHECK(bench.mirrored);
    CHECK(largest_step(bench.out) < allowed_step);
  }
}
