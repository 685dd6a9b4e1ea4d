// A backend that takes hops while others are under way.
#include <doctest/doctest.h>

#include <thread>

#include "support/far_backend.h"
#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;
using namespace std::chrono_literals;

namespace {

struct Bench {
  std::shared_ptr<FarBackend> backend = std::make_shared<FarBackend>(0.5f);
  Rig rig;

  explicit Bench(int lead)
      : rig(fixed_lead(lead, 2), [this](const Settings&, ConsoleLine) { return backend; }) {}
};

}  // namespace

TEST_CASE("hops that need longer than a hop are all played in time when the lead allows it") {
  Bench bench(40);  // far more than they need: the machine may be busy
  REQUIRE(bench.rig.opened);
  bench.backend->takes_ms = 60;
  // 93 ms hops at four times their speed: a hop is asked for every 23 ms.
  const std::vector<float> music = noise(64 * 4, 1);
  for (int i = 0; i < 700; ++i) {
    std::vector<float> out(64 * 4);
    const float* in[] = {music.data(), nullptr};
    float* outs[] = {out.data()};
    bench.rig.engine.process(in, outs, 1, 64 * 4);
    std::this_thread::sleep_for(std::chrono::microseconds(1451));
  }
  CHECK(bench.rig.engine.wait_idle(2000.0));
  const StatsSnapshot stats = bench.rig.engine.stats();
  CHECK(bench.backend->most_under_way >= 2);
  CHECK(stats.hops >= 40);
  CHECK(stats.failed == 0);
  CHECK(stats.missed == 0);
}

TEST_CASE("answers may overtake each other") {
  Bench bench(8);
  REQUIRE(bench.rig.opened);
  bench.backend->takes_ms = 4;
  bench.backend->odd_takes_ms = 1;
  bench.rig.play(noise(44100 * 3, 1));
  const StatsSnapshot stats = bench.rig.engine.stats();
  CHECK(stats.hops == 32);
  CHECK(stats.missed == 0);
  const auto& out = bench.rig.out[0];
  const int64_t begin = 10 * 2048 + 1000;
  CHECK(std::all_of(out.begin() + begin, out.end(), [](float x) { return x == 0.5f; }));
}

TEST_CASE("answers that come too late make the lead longer, and are no failure") {
  Settings settings = fixed_lead(automatic, 2);
  auto backend = std::make_shared<FarBackend>(0.5f);
  Rig rig(settings, [&](const Settings&, ConsoleLine) { return backend; });
  REQUIRE(rig.opened);
  rig.play(noise(44100, 1));
  const int32_t before = rig.engine.info().grid.lead_frames;
  backend->too_late = true;
  rig.play(noise(44100, 2));
  CHECK(rig.engine.info().grid.lead_frames > before);
  CHECK(rig.engine.stats().failed == 0);
  CHECK(rig.engine.stats().missed > 2);
  CHECK(rig.engine.info().state == State::late);
}

TEST_CASE("a hop that fails is silence, and the state says so once") {
  Bench bench(3);
  REQUIRE(bench.rig.opened);
  bench.rig.play(noise(44100, 1));
  bench.backend->away = true;
  bench.rig.play(noise(44100, 2));
  bench.backend->away = false;
  bench.rig.play(noise(44100, 3));
  CHECK(bench.rig.states() == "loading ready error ready");
  CHECK(bench.rig.engine.stats().failed >= 10);
}
