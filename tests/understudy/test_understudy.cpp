#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "backends/understudy/understudy.h"
#include "support/near_backend.h"

using namespace sideman;
using namespace sideman::test;
using namespace std::chrono_literals;

namespace {

const Grid grid{.hop_frames = 2, .lead_frames = 3, .window_frames = 8};

struct Bench {
  std::shared_ptr<NearBackend> backend = std::make_shared<NearBackend>(0.25f);
  Understudy understudy{backend};
  std::vector<float> window = std::vector<float>(static_cast<size_t>(grid.window_samples()));
  std::vector<float> audio = std::vector<float>(static_cast<size_t>(grid.hop_samples()));
  ModelInfo info;

  StreamPlan plan() const { return {.grid = grid, .parts = {"bass"}, .seed = 1}; }
  bool ask(int64_t hop) {
    return understudy.ask({.hop_id = hop,
                           .grid = grid,
                           .channels = 1,
                           .window = window,
                           .slot = grid.slot(hop),
                           .controls = {}});
  }
  Status open() {
    understudy.open({});
    return understudy.opened(info);
  }
  // Once it plays a hop, so many in all.
  bool begins(int hops) const {
    for (int i = 0; i < 10000 && backend->begun < hops; ++i) std::this_thread::sleep_for(1ms);
    return backend->begun >= hops;
  }
  std::optional<Answer> take(int patience_ms = 2000) {
    HopResult result{.audio = audio};
    for (int i = 0; i < patience_ms; ++i) {
      if (auto answer = understudy.take(result)) return answer;
      std::this_thread::sleep_for(1ms);
    }
    return std::nullopt;
  }
};

}  // namespace

TEST_CASE("an understudy opens on its own thread, takes the plan it was given before, and plays") {
  Bench bench;
  bench.backend->hangs = true;
  bench.understudy.open({});
  bench.understudy.reset(bench.plan());
  CHECK_FALSE(bench.ask(0));
  CHECK(bench.understudy.reason() == "the stand-in is still opening");
  bench.backend->hangs = false;
  while (bench.understudy.readiness() == Understudy::Readiness::opening) {
    std::this_thread::sleep_for(1ms);
  }
  CHECK(bench.ask(7));
  const auto answer = bench.take();
  REQUIRE(answer);
  CHECK(answer->hop_id == 7);
  CHECK(answer->status.ok());
  CHECK(bench.audio[0] == 0.25f);
  CHECK(bench.backend->resets == 1);
}

TEST_CASE("one that is too far behind takes no more, and forgets all at a reset") {
  Bench bench;
  REQUIRE(bench.open().ok());
  bench.understudy.reset(bench.plan());
  bench.backend->hangs = true;
  REQUIRE(bench.ask(0));
  REQUIRE(bench.begins(1));
  CHECK(bench.ask(1));
  CHECK(bench.ask(2));
  CHECK_FALSE(bench.ask(3));
  bench.understudy.reset(bench.plan());
  bench.backend->hangs = false;
  CHECK_FALSE(bench.take(100));
  CHECK(bench.ask(0));
  CHECK(bench.take()->hop_id == 0);
}

TEST_CASE("a reset that fails once is tried again with the next hop") {
  Bench bench;
  REQUIRE(bench.open().ok());
  bench.backend->bad_resets = 1;
  bench.understudy.reset(bench.plan());
  while (bench.understudy.reason().empty()) std::this_thread::sleep_for(1ms);
  CHECK(bench.understudy.reason() == "near: out of memory");
  REQUIRE(bench.ask(4));
  CHECK(bench.take()->status.ok());
  CHECK(bench.backend->resets == 2);
  CHECK(bench.understudy.reason().empty());
}

TEST_CASE("a model that cannot play the stream says why") {
  Bench bench;
  bench.backend->model.hop_frames = {8};
  REQUIRE(bench.open().ok());
  bench.understudy.reset(bench.plan());
  const bool asked = bench.ask(0);  // it may not have looked at the plan yet
  if (asked) CHECK_FALSE(bench.take()->status.ok());
  CHECK_FALSE(bench.ask(1));
  CHECK(bench.understudy.reason() ==
        "the stand-in near cannot play: it cannot play hops of 2 frames");
}

TEST_CASE("a model that does not open says why") {
  Bench bench;
  bench.backend->opens = Status::unavailable("no Python; make a venv");
  CHECK_FALSE(bench.open().ok());
  CHECK(bench.understudy.readiness() == Understudy::Readiness::failed);
  CHECK(bench.understudy.reason() == "no Python; make a venv");
  CHECK_FALSE(bench.ask(0));
}

TEST_CASE("one that hangs is left alone, and closed when it comes to its senses") {
  auto backend = std::make_shared<NearBackend>(0.5f);
  {
    Bench bench;
    REQUIRE(bench.open().ok());
    bench.understudy.reset(bench.plan());
    bench.backend->hangs = true;
    REQUIRE(bench.ask(0));
    REQUIRE(bench.begins(1));
    backend = bench.backend;
  }
  for (int i = 0; i < 10000 && !backend->closed; ++i) std::this_thread::sleep_for(1ms);
  CHECK(backend->closed);
}
