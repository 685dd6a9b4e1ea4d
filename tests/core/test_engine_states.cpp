#include <doctest/doctest.h>

#include <thread>

#include "core/desk.h"
#include "support/events.h"
#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

class Unopenable : public EchoBackend {
 public:
  explicit Unopenable(bool raises) : EchoBackend(0.0), raises_(raises) {}
  Status open(const OpenRequest& request, ModelInfo&) override {
    if (raises_) throw std::runtime_error("out of memory; close something");
    return Status::unavailable("model " + request.model + ": not found; run sideman models");
  }

 private:
  bool raises_;
};

}  // namespace

TEST_CASE("loading tells its progress, its backend, its latency and its state") {
  Rig rig(fixed_lead(), echo_factory());
  double progress = -1.0;
  std::string backend;
  int64_t latency = 0;
  std::string states;
  for (const Event& event : rig.events()) {
    if (event.kind == Event::Kind::progress) {
      CHECK(event.value > progress);
      progress = event.value;
    }
    if (event.kind == Event::Kind::backend) backend = event.text;
    if (event.kind == Event::Kind::latency) latency = event.samples;
    if (event.kind == Event::Kind::status) states += std::string(to_word(event.state)) + " ";
  }
  CHECK(progress == 1.0);
  CHECK(backend == "echo");
  CHECK(latency == 7 * 2048);
  CHECK(states == "loading ready ");
}

TEST_CASE("info describes the stream that plays") {
  Rig rig(fixed_lead(3, 4), echo_factory());
  const EngineInfo info = rig.engine.info();
  CHECK(info.state == State::ready);
  CHECK(info.model.name == "echo");
  CHECK(info.backend == "echo");
  CHECK(info.grid.hop_frames == 4);
  CHECK(info.grid.lead_frames == 3);
  CHECK(info.reaction_ms == doctest::Approx(325.08).epsilon(0.001));
  CHECK(info.realtime_factor >= 0.0);
  CHECK(info.realtime_factor < 1.0);
}

TEST_CASE("a model that cannot be opened is one error, and the audio goes on in silence") {
  for (const bool raises : {false, true}) {
    Engine engine(Settings{}, [raises](const Settings&, ConsoleLine) {
      return std::make_shared<Unopenable>(raises);
    });
    CHECK(engine.prepare(44100.0, 64).ok());
    engine.load();
    CHECK(engine.wait_loaded(5000.0));
    CHECK(engine.info().state == State::error);
    CHECK(error_of(engine) == (raises ? "load: out of memory; close something"
                                      : "model mini: not found; run sideman models"));
    std::vector<float> in(64, 0.5f), out(64, 1.0f);
    const float* heard[] = {in.data(), nullptr};
    float* played = out.data();
    engine.process(heard, &played, 1, 64);
    CHECK(out == std::vector<float>(64, 0.0f));
  }
}

TEST_CASE("a factory without a backend for the setting says so") {
  Engine engine(Settings{}, [](const Settings&, ConsoleLine) { return nullptr; });
  engine.load();
  CHECK(engine.wait_loaded(5000.0));
  CHECK(error_of(engine) == "backend auto: is not in this build; set backend auto");
}

TEST_CASE("settings that the model cannot do fail its load with the reason") {
  Settings settings;
  settings.hop = 9;
  Engine engine(settings, echo_factory());
  engine.load();
  CHECK(engine.wait_loaded(5000.0));
  CHECK(engine.info().state == State::error);
  CHECK(error_of(engine).rfind("hop 9: model echo can do", 0) == 0);
}

TEST_CASE("loading may come before prepare") {
  Engine engine(fixed_lead(), echo_factory());
  engine.load();
  CHECK(engine.wait_loaded(5000.0));
  CHECK(engine.info().latency_samples == 0);
  CHECK(engine.prepare(48000.0, 64).ok());
  CHECK(engine.info().latency_samples > 15604);
}

TEST_CASE("a rate or vector that cannot be is refused") {
  Engine engine(fixed_lead(), echo_factory());
  CHECK(engine.prepare(0.0, 64).code == StatusCode::invalid);
  CHECK(engine.prepare(44100.0, 0).code == StatusCode::invalid);
  CHECK(engine.prepare(std::nan(""), 64).code == StatusCode::invalid);
  CHECK(engine.prepare(1e12, 64).code == StatusCode::invalid);
}

TEST_CASE("the console lines of a backend reach the host") {
  Engine engine(fixed_lead(), [](const Settings&, ConsoleLine console) {
    console("hello from the model");
    return make_echo_backend(0.0);
  });
  engine.load();
  CHECK(engine.wait_loaded(5000.0));
  bool heard = false;
  while (auto event = engine.poll()) {
    heard = heard || (event->kind == Event::Kind::console && event->text == "hello from the model");
  }
  CHECK(heard);
}

TEST_CASE("a hang is reported as lost, and recovery as ready") {
  auto script = std::make_shared<Script>();
  script->act(1, Act::hang);
  Settings settings = fixed_lead(1, 1);  // ten hops are 0.46 s: the bound is 2 s
  Rig rig(settings, script_factory(script), 44100.0, 64);
  REQUIRE(rig.opened);
  const auto in = noise(3 * 2048, 1);
  const auto play_on = [&] {
    for (size_t at = 0; at < in.size(); at += 64) {
      float out[64];
      float* played = out;
      const float* heard[] = {in.data() + at, nullptr};
      rig.engine.process(heard, &played, 1, 64);
    }
  };
  std::string states = rig.states();
  const auto told = [&](const char* state) {
    states += " " + rig.states();
    return states.ends_with(state);
  };
  play_on();
  CHECK(eventually([&] { return told("lost"); }));
  CHECK(rig.engine.info().state == State::lost);
  script->release();
  CHECK(eventually([&] {
    play_on();
    return told("ready");
  }));
  CHECK(rig.engine.info().state == State::ready);
  CHECK(rig.engine.wait_idle(5000.0));
}

TEST_CASE("loading again leaves a hanging model behind") {
  auto hanging = std::make_shared<Script>();
  hanging->act(0, Act::hang);
  auto count = std::make_shared<std::atomic<int>>(0);
  Engine engine(fixed_lead(1, 1), [=](const Settings&, ConsoleLine) -> std::shared_ptr<Backend> {
    if ((*count)++ == 0) return std::make_shared<ScriptBackend>(hanging);
    return make_echo_backend(0.0);
  });
  REQUIRE(engine.prepare(44100.0, 2048).ok());
  engine.load();
  REQUIRE(engine.wait_loaded(5000.0));
  std::vector<float> in(2048, 0.1f), out(2048);
  const float* heard[] = {in.data(), nullptr};
  float* played = out.data();
  engine.process(heard, &played, 1, 2048);
  CHECK(eventually([&] { return hanging->asked().size() == 1; }));
  engine.load();
  CHECK(engine.wait_loaded(10000.0));
  CHECK(engine.info().backend == "echo");
  for (int i = 0; i < 8; ++i) {
    engine.process(heard, &played, 1, 2048);
    CHECK(engine.wait_idle(5000.0));
  }
  CHECK(out == in);
  hanging->release();
  CHECK(eventually([&] { return hanging->closed(); }));
}

TEST_CASE("a count of late hops that begins anew is told") {
  auto script = std::make_shared<Script>();
  Rig rig(fixed_lead(1, 1), script);
  const Grid grid = rig.engine.info().grid;
  script->due(3, grid.slot(3).begin + 100);
  rig.play(noise(grid.slot(6).end, 1));
  const auto told = [&] {
    std::optional<double> last;
    while (auto event = rig.engine.poll()) {
      if (event->kind == Event::Kind::late) last = event->value;
    }
    return last;
  };
  CHECK(told() == 1.0);
  rig.engine.load();
  REQUIRE(rig.engine.wait_loaded(5000.0));
  CHECK(eventually([&] { return told() == 0.0; }));
}

TEST_CASE("a Python that waits for the next start stays asked for, anything else that failed does not") {
  for (const bool later : {true, false}) {
    CAPTURE(later);
    Desk desk(Settings{});
    REQUIRE(desk.prepare({.sample_rate = 44100, .max_vector = 64}).ok());
    Script script;
    const OpenModel open{.info = script.model, .thinking_ms = 1.0, .realtime_factor = 0.0};
    REQUIRE(desk.open_model(desk.begin_load(), open, desk.settings()).ok());
    REQUIRE(desk.set("python", std::vector<Atom>{std::string("/other")}).ok());
    const int64_t load = desk.begin_load();
    desk.give_up(load, later ? Status::later("restart") : Status::failed("broken"), true);
    CHECK(desk.settings().python == (later ? "/other" : ""));
  }
}

TEST_CASE("the beat that was heard goes with the model that heard it") {
  Desk desk(fixed_lead(1, 1));
  const Settings settings = desk.settings();
  OpenModel model;
  const int64_t load = desk.begin_load();
  REQUIRE(desk.open_model(load, model, settings).ok());
  HeardClock heard;
  heard.clock = {.known = true, .bpm = 120.0, .beat = 0.0, .beats_per_bar = 4};
  heard.confidence = 1.0;
  desk.hear_clock(load, heard, 0.0);
  CHECK(desk.info().clock_source == ClockSource::track);
  desk.give_up(desk.begin_load(), Status::failed("no"), false);
  CHECK(desk.info().clock_source == ClockSource::none);
}
