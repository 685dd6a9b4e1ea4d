#include <doctest/doctest.h>

#include <thread>

#include "core/stats.h"

using namespace sideman;

TEST_CASE("quantiles are right to a quarter of a millisecond") {
  Stats stats;
  for (int i = 1; i <= 1000; ++i) stats.answered(i * 0.5, i % 10 == 0);
  const auto all = stats.snapshot();
  CHECK(all.hops == 1000);
  CHECK(all.late == 100);
  CHECK(all.latency_p50_ms == doctest::Approx(250.0).epsilon(0.002));
  CHECK(all.latency_p95_ms == doctest::Approx(475.0).epsilon(0.002));
  CHECK(all.latency_max_ms == 500.0);
}

TEST_CASE("a quantile is never above the maximum, nor lost beyond the last bin") {
  Stats stats;
  stats.answered(0.01, false);
  CHECK(stats.snapshot().latency_p95_ms == 0.01);
  stats.clear();
  stats.answered(70000.0, true);
  CHECK(stats.snapshot().latency_p50_ms == 70000.0);
}

TEST_CASE("nothing counted is nothing reported, also after clearing") {
  Stats stats;
  stats.answered(3.0, true);
  stats.failed();
  stats.missed();
  stats.silent(12);
  stats.clear();
  const auto all = stats.snapshot();
  CHECK(all.hops + all.late + all.missed + all.failed + all.silent_samples == 0);
  CHECK(all.latency_p50_ms + all.latency_p95_ms + all.latency_max_ms == 0.0);
}

TEST_CASE("two threads count without losing") {
  Stats stats;
  const auto count = [&stats] {
    for (int i = 0; i < 20000; ++i) {
      stats.missed();
      stats.silent(2);
    }
  };
  std::thread other(count);
  count();
  other.join();
  CHECK(stats.snapshot().missed == 40000);
  CHECK(stats.snapshot().silent_samples == 80000);
}
