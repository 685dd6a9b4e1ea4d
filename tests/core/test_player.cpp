#include <doctest/doctest.h>

#include <numbers>

#include "support/player_bench.h"

using namespace sideman;
using namespace sideman::test;

namespace {

// Slot n is [1000 n + 1500, 1000 n + 2500).
int64_t begin_of(int64_t hop) { return small_grid.slot(hop).begin; }
constexpr double amplitude = 0.5;
constexpr double hertz = 200.0;

std::vector<float> slow_sine() { return sine(200000, hertz, 44100.0, amplitude); }

// The signal's own largest step plus the fade's.
const double allowed_step =
    1.001 * amplitude * (2.0 * std::numbers::pi * hertz / 44100.0 +
                         std::numbers::pi / 2.0 / small_fade);

}  // namespace

TEST_CASE("results in time are played bit for bit, joins included, after one rise") {
  for (const int chunk : {1, 7, 64, 256, 1000}) {
    CAPTURE(chunk);
    PlayerBench bench(noise(20000, 1));
    for (int64_t hop = 0; hop < 8; ++hop) {
      REQUIRE(bench.offer(hop));
      bench.play_to(begin_of(hop) + 700, chunk);
    }
    CHECK(bench.silent(0, begin_of(0)));
    CHECK(bench.exact(begin_of(0) + small_fade, begin_of(7) + 700));
    CHECK(bench.mirrored);
    CHECK(bench.stats.snapshot().missed == 0);
    CHECK(bench.stats.snapshot().silent_samples == 0);
  }
}

TEST_CASE("the output is the same for every way of cutting it into vectors") {
  std::vector<float> first;
  for (const int chunk : {1, 63, 256}) {
    PlayerBench bench(noise(20000, 2));
    for (const int64_t hop : {0, 1, 3, 4, 6}) bench.offer(hop, hop != 4);
    bench.play_to(10000, chunk);
    if (first.empty()) first = bench.out;
    CHECK(bench.out == first);
  }
}

TEST_CASE("results that overtake each other are played in their order, bit for bit") {
  PlayerBench bench(noise(20000, 4));
  for (const int64_t hop : {1, 0, 2}) bench.offer(hop);
  bench.play_to(begin_of(1));
  for (const int64_t hop : {4, 3}) REQUIRE(bench.offer(hop));
  bench.play_to(begin_of(3));
  for (const int64_t hop : {6, 5}) REQUIRE(bench.offer(hop));
  bench.play_to(begin_of(6));
  CHECK(bench.exact(begin_of(0) + small_fade, begin_of(6)));
  CHECK(bench.stats.snapshot().missed == 0);
}

TEST_CASE("one that comes after its follower has begun to sound is not played any more") {
  PlayerBench bench(slow_sine());
  bench.offer(0);
  bench.offer(2);
  bench.play_to(begin_of(2) + 300);
  bench.offer(1);
  bench.play_to(begin_of(3));
  CHECK(bench.silent(begin_of(1), begin_of(2)));
  CHECK(bench.exact(begin_of(2) + small_fade, begin_of(3) - small_fade));
  CHECK(bench.stats.snapshot().missed == 1);
  CHECK(bench.in_place());
}

TEST_CASE("a missing slot is silence between two fades, and counted") {
  PlayerBench bench(slow_sine());
  bench.offer(0);
  bench.offer(2);
  bench.play_to(begin_of(3));
  CHECK(bench.exact(begin_of(0) + small_fade, begin_of(1) - small_fade));
  CHECK(bench.silent(begin_of(1), begin_of(2)));
  CHECK(bench.exact(begin_of(2) + small_fade, begin_of(3) - small_fade));
  CHECK(bench.in_place());
  CHECK(largest_step(bench.out) < allowed_step);
  CHECK(bench.stats.snapshot().silent_samples == 1000);
}

TEST_CASE("a late result joins in the middle of its slot, at its place") {
  for (const int64_t late : {1, 64, 300, 799}) {
    CAPTURE(late);
    PlayerBench bench(slow_sine());
    bench.offer(0);
    bench.play_to(begin_of(1) + late);
    bench.offer(1);
    bench.play_to(begin_of(2));
    CHECK(bench.silent(begin_of(1), begin_of(1) + late));
    CHECK(bench.exact(begin_of(1) + late + small_fade, begin_of(2) - small_fade));
    CHECK(bench.in_place());
    CHECK(largest_step(bench.out) < allowed_step);
    CHECK(bench.stats.snapshot().missed == 0);
  }
}

TEST_CASE("a result inside the last fade before its slot turns the fall around") {
  for (const int64_t early : {1, 50, 99}) {
    CAPTURE(early);
    PlayerBench bench(slow_sine());
    bench.offer(0);
    bench.play_to(begin_of(1) - early);
    bench.offer(1);
    bench.play_to(begin_of(1) + 500);
    CHECK(bench.exact(begin_of(1) + small_fade, begin_of(1) + 500));
    CHECK(bench.in_place());
    CHECK(largest_step(bench.out) < allowed_step);
  }
}

TEST_CASE("at the deadline a result still joins without a dip") {
  PlayerBench bench(noise(20000, 3));
  bench.offer(0);
  bench.play_to(small_grid.deadline(1, small_fade));
  bench.offer(1);
  bench.play_to(begin_of(2) - small_fade);
  CHECK(bench.exact(begin_of(0) + small_fade, begin_of(2) - small_fade));
}

TEST_CASE("a result after its slot is dropped, and so is one that could only blip") {
  PlayerBench bench(slow_sine());
  bench.offer(0);
  bench.play_to(begin_of(2));
  bench.offer(1);  // over
  bench.play_to(begin_of(3) - small_fade);
  bench.offer(2);  // one fade left
  bench.play_to(begin_of(3));
  CHECK(bench.silent(begin_of(1), begin_of(3)));
  bench.offer(3);
  bench.play_to(begin_of(4));
  CHECK(bench.stats.snapshot().missed == 2);
  CHECK(bench.exact(begin_of(3) + small_fade, begin_of(4) - small_fade));
}

TEST_CASE("a result that does not continue the last dips at the border") {
  PlayerBench bench(slow_sine());
  bench.offer(0);
  bench.offer(1, false);
  bench.offer(2);
  bench.play_to(begin_of(3) - small_fade);
  CHECK(bench.exact(begin_of(0) + small_fade, begin_of(1) - small_fade));
  CHECK(std::abs(bench.played(begin_of(1) - 1)) < 0.02);
  CHECK(bench.exact(begin_of(1) + small_fade, begin_of(3) - small_fade));
  CHECK(bench.in_place());
  CHECK(largest_step(bench.out) < allowed_step);
}

TEST_CASE("there is room for every slot that can wait, and a full player refuses") {
  PlayerBench bench(noise(40000, 4));
  int64_t taken = 0;
  while (taken < 30 && bench.offer(taken)) ++taken;
  CHECK(taken >= small_grid.reach_frames() / small_grid.hop_frames + 2);
  CHECK(taken < 30);
  bench.play_to(begin_of(2));
  CHECK(bench.offer(taken));  // what was played is free again
}

TEST_CASE("a fade of one sample is no fade") {
  PlayerBench bench(noise(20000, 5), false, 1);
  bench.offer(0);
  bench.play_to(begin_of(1) + 10);
  CHECK(bench.exact(begin_of(0), begin_of(1)));
  CHECK(bench.silent(begin_of(1), begin_of(1) + 10));
}

TEST_CASE("whatever comes whenever: in place, without steps, counted") {
  for (unsigned seed = 0; seed < 40; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    PlayerBench bench(slow_sine());
    int64_t expected_missed = 0;
    for (int64_t hop = 0; hop < 40; ++hop) {
      const int64_t arrival = begin_of(hop) - 600 + static_cast<int64_t>(random() % 1900);
      bench.play_to(arrival);
      const bool over = bench.out.size() > static_cast<size_t>(begin_of(hop + 1) - 2 * small_fade);
      if (random() % 5 == 0) continue;
      REQUIRE(bench.offer(hop, random() % 7 != 0));
      // A result that comes with less than two fades left may still be carried by its successor.
      expected_missed += over ? 1 : 0;
    }
    bench.play_to(begin_of(42));
    CHECK(bench.in_place());
    CHECK(bench.mirrored);
    CHECK(largest_step(bench.out) < allowed_step);
    CHECK(bench.stats.snapshot().missed <= expected_missed);
  }
}
