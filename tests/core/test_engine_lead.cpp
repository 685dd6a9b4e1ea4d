#include <doctest/doctest.h>

#include <chrono>
#include <thread>

#include "core/desk.h"
#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

Settings automatic_lead() {
  Settings settings;
  settings.hop = 1;
  return settings;
}

std::string console(Engine& engine) {
  std::string lines;
  while (auto event = engine.poll()) {
    if (event->kind == Event::Kind::console) lines += event->text + "\n";
  }
  return lines;
}

}  // namespace

TEST_CASE("lead auto follows the measured speed of the backend, and says so") {
  auto script = std::make_shared<Script>();
  script->warm_up_ms = 60.0;
  Rig rig(automatic_lead(), script_factory(script), 44100.0, 64);
  REQUIRE(rig.opened);
  // 2 * 60 + 12.5 ms: three frames of 46.4 ms, or more on a busy machine.
  const int lead = rig.engine.info().grid.lead_frames;
  CHECK(lead >= 3);
  CHECK(rig.engine.info().realtime_factor >= 60.0 / 46.44);
  CHECK(console(rig.engine).rfind("lead is now " + std::to_string(lead) + " frames (", 0) == 0);
}

TEST_CASE("a model is measured as it will play") {
  struct Written : EchoBackend {
    explicit Written(std::shared_ptr<std::vector<Controls>> told) : EchoBackend(0.0), told_(told) {}
    Status generate(const HopRequest& request, HopResult& result) override {
      told_->push_back(request.controls);
      return EchoBackend::generate(request, result);
    }
    std::shared_ptr<std::vector<Controls>> told_;
  };
  auto told = std::make_shared<std::vector<Controls>>();
  Settings settings = automatic_lead();
  settings.steps = 7;
  settings.guidance = 2.5;
  settings.sampler = "ping-pong";
  settings.tags = {{"nobody's", 1.0}};  // whether the model knows them is not known yet
  Rig rig(settings, [told](const Settings&, ConsoleLine) { return std::make_shared<Written>(told); });
  REQUIRE(rig.opened);
  REQUIRE(told->size() > 3);
  for (const Controls& controls : *told) {
    CHECK(controls.steps == 7);
    CHECK(controls.guidance == 2.5);
    CHECK(controls.sampler == "ping-pong");
    CHECK(controls.track);  // listening takes its time too
    CHECK(controls.tags.empty());
  }
}

TEST_CASE("a model is measured at the pace at which it will play") {
  using Clocked = std::chrono::steady_clock;
  struct Watched : EchoBackend {
    explicit Watched(std::shared_ptr<std::vector<Clocked::time_point>> asked)
        : EchoBackend(0.0), asked_(asked) {}
    Status generate(const HopRequest& request, HopResult& result) override {
      asked_->push_back(Clocked::now());
      std::this_thread::sleep_for(std::chrono::milliseconds(8));
      return EchoBackend::generate(request, result);
    }
    std::shared_ptr<std::vector<Clocked::time_point>> asked_;
  };
  auto asked = std::make_shared<std::vector<Clocked::time_point>>();
  Rig rig(automatic_lead(),
          [asked](const Settings&, ConsoleLine) { return std::make_shared<Watched>(asked); });
  REQUIRE(rig.opened);
  REQUIRE(asked->size() >= 4);
  for (size_t i = 2; i < asked->size(); ++i) {  // the first one tries out
    const std::chrono::duration<double, std::milli> apart = (*asked)[i] - (*asked)[i - 1];
    CHECK(apart.count() >= 25.0);  // of 46.4, less what went before the call; hot it is 8
  }
}

TEST_CASE("lead auto makes room for the host's vector") {
  auto script = std::make_shared<Script>();
  Rig rig(automatic_lead(), script_factory(script), 44100.0, 4096);
  REQUIRE(rig.opened);
  CHECK(rig.engine.info().grid.lead_frames >= 3);
}

TEST_CASE("two late hops lengthen an automatic lead; the new stream is in time") {
  auto script = std::make_shared<Script>();
  Rig rig(automatic_lead(), script);
  REQUIRE(rig.opened);
  const Grid before = rig.engine.info().grid;
  script->due(5, before.slot(5).begin + 100);
  script->due(9, before.slot(9).begin + 100);
  rig.play(sine(before.slot(11).end, 200.0, 44100.0, 0.5));
  const Grid after = rig.engine.info().grid;
  CHECK(after.lead_frames > before.lead_frames);
  CHECK(console(rig.engine).find("lead is now " + std::to_string(after.lead_frames)) !=
        std::string::npos);
  CHECK(script->plans().size() == 3);
}

TEST_CASE("a fixed lead stays, however late the answers") {
  auto script = std::make_shared<Script>();
  Rig rig(fixed_lead(1, 1), script);
  const Grid grid = rig.engine.info().grid;
  for (int64_t hop = 3; hop < 9; ++hop) script->due(hop, grid.slot(hop).begin + 100);
  rig.play(noise(grid.slot(12).end, 1));
  CHECK(rig.engine.info().grid == grid);
  CHECK(rig.engine.stats().late == 6);
}

TEST_CASE("a lead at the model's longest stays there") {
  auto script = std::make_shared<Script>();
  script->model.lead_maximum = 1;
  Rig rig(automatic_lead(), script);
  const Grid grid = rig.engine.info().grid;
  CHECK(grid.lead_frames == 1);
  for (int64_t hop = 3; hop < 9; ++hop) script->due(hop, grid.slot(hop).begin + 100);
  rig.play(noise(grid.slot(12).end, 1));
  CHECK(rig.engine.info().grid == grid);
  CHECK(script->plans().size() == 2);
}

TEST_CASE("a fixed lead that the host's vector cannot keep is taken, with a warning") {
  Rig rig(fixed_lead(1, 1), echo_factory(), 44100.0, 4096);
  REQUIRE(rig.opened);
  CHECK(console(rig.engine) ==
        "lead 1 (46.4 ms): shorter than the host's vector and a fade, so hops will be late; set "
        "lead 3 or more, or auto\n");
}

namespace {

// A desk with a model that is open.
struct Opened {
  explicit Opened(double thinking_ms) {
    script->model.lead_maximum = 4;
    REQUIRE(desk.prepare({.sample_rate = 44100, .max_vector = 64}).ok());
    load = desk.begin_load();
    const OpenModel open{.info = script->model, .thinking_ms = thinking_ms, .realtime_factor = 0.0};
    REQUIRE(desk.open_model(load, open, desk.settings()).ok());
  }
  int lead() const { return desk.info().grid.lead_frames; }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  Desk desk{automatic_lead()};
  int64_t load = 0;
  double frame_ms = 1000.0 * script->model.frame_samples / script->model.sample_rate;
};

}  // namespace

TEST_CASE("a little shorter lead waits for the next stream: the one that plays is not cut") {
  Opened opened(150.0);
  CHECK(opened.lead() == 4);
  const auto playing = opened.desk.stage.newest();
  CHECK(opened.desk.allow(opened.load, 100.0) == 150.0);
  CHECK(opened.desk.stage.newest() == playing);
  opened.desk.restart();
  CHECK(opened.lead() == 3);
  CHECK(opened.desk.thinking_ms() == 100.0);
  CHECK(opened.desk.allow(opened.load, 80.0) == 100.0);
  CHECK(opened.desk.allow(opened.load, 150.0) == 150.0);  // late again: what waited is void
  opened.desk.restart();
  CHECK(opened.lead() == 4);
}

TEST_CASE("a lead at the model's longest comes down at once to less than half, and goes up again") {
  Opened opened(900.0);
  CHECK(opened.lead() == 4);
  CHECK(opened.desk.allow(opened.load, 60.0) == 60.0);
  CHECK(opened.lead() == 2);
  CHECK(opened.desk.allow(opened.load, 5000.0) <= 4 * opened.frame_ms);
  CHECK(opened.lead() == 4);
}
