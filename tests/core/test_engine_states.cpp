#include <doctest/doctest.h>

#include <thread>

#include "core/desk.h"
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

std::string error_of(Engine& engine) {
  std::string text;
  while (auto event = engine.poll()) {
    if (event->kind == Event::Kind::error) text += event->text;
  }
  return text;
}

template <typename Condition>
bool eventually(Condition&& condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

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
  for (size_t at = 0; at < in.size(); at += 64) {
    float out[64];
    float* played = out;
    const float* heard[] = {in.data() + at, nullptr};
    rig.engine.process(heard, &played, 1, 64);
  }
  std::string states;
  CHECK(eventually([&] {
    states += rig.states() + " ";
    return rig.engine.info().state == State::lost;
  }));
  script->release();
  CHECK(eventually([&] { return rig.engine.info().state != State::lost; }));
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

// ---- loading while something plays ----

namespace {

// What the test and the models share.
struct Doors {
  std::atomic<bool> gate{true};  // models may open
  std::atomic<bool> opening{false};
  std::atomic<bool> measured{false};
};

// An echo that opens, after a while, unless it is asked for the model `missing`. Every model knows
// one tag, its own name, and plays nothing when it is given another.
class Choosy : public EchoBackend {
 public:
  explicit Choosy(std::shared_ptr<Doors> doors) : EchoBackend(0.0), doors_(std::move(doors)) {}
  Status open(const OpenRequest& request, ModelInfo& info) override {
    doors_->opening = true;
    while (!doors_->gate) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (request.model == "missing") {
      return Status::unavailable("model missing: not found; run sideman models");
    }
    const Status status = EchoBackend::open(request, info);
    info.name = name_ = request.model;
    info.tags = {name_};
    info.any_tag = false;
    return status;
  }
  Status generate(const HopRequest& request, HopResult& result) override {
    if (name_ == "slow" && request.hop_id == 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(400));
    }
    if (name_ == "measured" && calls_++ < 9 && request.hop_id > 0) {
      doors_->measured = true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    if (name_ == "mute") return Status::failed("hop: CUDA out of memory");
    if (name_ == "vast") throw std::bad_alloc();
    for (const Tag& tag : request.controls.tags) {
      if (tag.name != name_) return Status::failed("hop: no tag " + tag.name);
    }
    return EchoBackend::generate(request, result);
  }

 private:
  std::shared_ptr<Doors> doors_;
  std::string name_;
  int calls_ = 0;
};

struct Loading {
  std::shared_ptr<Doors> doors = std::make_shared<Doors>();
  Rig rig{fixed_lead(1, 1), [doors = doors](const Settings&, ConsoleLine) {
            return std::make_shared<Choosy>(doors);
          }, 44100.0, 2048};

  std::vector<float> play(int hops) {
    rig.out[0].clear();
    rig.play(noise(static_cast<size_t>(hops) * 2048, 5));
    return rig.out[0];
  }
  // Whether what comes out is what went in, a reaction (frames) later.
  bool echoes(int reaction = 2) {
    (void)play(8);
    const auto out = play(4);
    const auto in = noise(4 * 2048, 5);
    return std::equal(out.begin() + reaction * 2048, out.end(), in.begin());
  }
  Status set(const char* name, const char* value) {
    return rig.engine.set(name, std::vector<Atom>{std::string(value)});
  }
};

}  // namespace

TEST_CASE("a model plays on while another one is being opened, and until it is") {
  Loading one;
  REQUIRE(one.rig.opened);
  CHECK(one.echoes());
  one.doors->gate = false;
  REQUIRE(one.set("model", "other").ok());
  CHECK(one.echoes());
  CHECK(one.rig.engine.info().state == State::loading);
  CHECK(one.rig.engine.info().model.name == "mini");
  one.doors->gate = true;
  CHECK(eventually([&] { return one.rig.engine.info().model.name == "other"; }));
  CHECK(one.rig.engine.wait_loaded(5000.0));
  CHECK(one.echoes());
}

TEST_CASE("a model that cannot be opened takes nothing away: the one before plays on with its settings") {
  Loading one;
  REQUIRE(one.rig.opened);
  (void)one.rig.events();
  REQUIRE(one.set("model", "missing").ok());
  CHECK(one.rig.engine.wait_loaded(5000.0));
  std::string errors, lines;
  for (const Event& event : one.rig.events()) {
    if (event.kind == Event::Kind::error) errors += event.text;
    if (event.kind == Event::Kind::console) lines += event.text;
  }
  CHECK(errors == "model missing: not found; run sideman models");
  CHECK(lines == "mini plays on");
  CHECK(one.rig.engine.info().state == State::ready);
  CHECK(one.rig.engine.settings().model == "mini");
  CHECK(one.echoes());
  REQUIRE(one.set("model", "other").ok());
  CHECK(eventually([&] { return one.rig.engine.info().model.name == "other"; }));
}

TEST_CASE("a model that opens and cannot play takes nothing away either") {
  for (const auto& [model, why] : {std::pair{"mute", "hop: CUDA out of memory"},
                                   std::pair{"vast", "warm-up: there is not enough memory"}}) {
    CAPTURE(model);
    Loading one;
    REQUIRE(one.rig.opened);
    (void)one.rig.events();
    REQUIRE(one.set("model", model).ok());
    CHECK(one.rig.engine.wait_loaded(5000.0));
    std::string errors;
    for (const Event& event : one.rig.events()) {
      if (event.kind == Event::Kind::error) errors += event.text;
    }
    CHECK(errors == why);
    CHECK(one.rig.engine.info().state == State::ready);
    CHECK(one.rig.engine.settings().model == "mini");
    CHECK(one.echoes());
  }
}

TEST_CASE("a model that is overtaken while it is tried out does not end the one that plays") {
  Loading one;
  REQUIRE(one.rig.opened);
  (void)one.rig.events();
  REQUIRE(one.set("model", "slow").ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  CHECK(one.rig.engine.info().state == State::loading);
  REQUIRE(one.set("model", "missing").ok());
  CHECK(one.rig.engine.wait_loaded(5000.0));
  CHECK(one.rig.engine.info().state == State::ready);
  CHECK(one.rig.engine.settings().model == "mini");
  CHECK(one.echoes());
}

TEST_CASE("a model that is being measured plays, though another one is asked for already") {
  for (const char* next : {"missing", "other"}) {
    CAPTURE(next);
    Loading one;
    REQUIRE(one.rig.opened);
    (void)one.rig.events();
    REQUIRE(one.set("model", "measured").ok());
    REQUIRE(eventually([&] { return one.doors->measured.load(); }));  // nothing else plays any more
    one.doors->gate = false;
    REQUIRE(one.set("model", next).ok());
    REQUIRE(one.rig.engine.set("hop", std::vector<Atom>{int64_t{2}}).ok());  // for the next one
    REQUIRE(eventually([&] { return one.rig.engine.info().model.name == "measured"; }));
    CHECK(one.rig.engine.info().grid.hop_frames == 1);
    CHECK(one.echoes());
    one.doors->gate = true;
    REQUIRE(one.rig.engine.wait_loaded(10000.0));
    CHECK(one.rig.engine.info().state == State::ready);
    const std::string plays = std::string(next) == "missing" ? "measured" : next;
    CHECK(one.rig.engine.info().model.name == plays);
    CHECK(one.rig.engine.settings().model == plays);
    CHECK(one.rig.engine.info().grid.hop_frames == 2);
    CHECK(one.echoes(3));
  }
}

TEST_CASE("a setting that the model which is coming cannot do is told, and the model plays") {
  Loading one;
  REQUIRE(one.rig.opened);
  (void)one.rig.events();
  one.doors->gate = false;
  one.doors->opening = false;
  REQUIRE(one.set("model", "other").ok());
  REQUIRE(eventually([&] { return one.doors->opening.load(); }));  // it has read the settings
  REQUIRE(one.rig.engine.set("hop", std::vector<Atom>{int64_t{9}}).ok());
  one.doors->gate = true;
  REQUIRE(one.rig.engine.wait_loaded(5000.0));
  CHECK(one.rig.engine.info().state == State::ready);
  CHECK(one.rig.engine.info().model.name == "other");
  CHECK(one.rig.engine.settings().hop == 1);
  CHECK(error_of(one.rig.engine).find("hop 9: model other can do") != std::string::npos);
  CHECK(one.echoes());
}

TEST_CASE("tags for a model that is coming leave the one that plays alone, and go where it does not come") {
  for (const char* coming : {"missing", "other"}) {
    CAPTURE(coming);
    Loading one;
    REQUIRE(one.rig.opened);
    REQUIRE(one.set("tags", "mini").ok());
    one.doors->gate = false;
    REQUIRE(one.set("model", coming).ok());
    REQUIRE(one.set("tags", coming).ok());
    CHECK(one.echoes());
    one.doors->gate = true;
    CHECK(one.rig.engine.wait_loaded(5000.0));
    CHECK(one.echoes());
    CHECK(one.rig.engine.info().state == State::ready);
    const bool came = one.rig.engine.info().model.name == "other";
    CHECK(came == (std::string(coming) == "other"));
    CHECK(one.rig.engine.settings().tags.size() == (came ? 1 : 0));
  }
}

TEST_CASE("a load that another one overtakes leaves no trace") {
  Loading one;
  REQUIRE(one.rig.opened);
  one.doors->gate = false;
  REQUIRE(one.set("model", "missing").ok());
  REQUIRE(one.set("model", "second").ok());
  REQUIRE(one.set("model", "third").ok());
  CHECK(one.echoes());
  one.doors->gate = true;
  CHECK(eventually([&] { return one.rig.engine.info().model.name == "third"; }));
  CHECK(one.rig.engine.wait_loaded(5000.0));
  CHECK(error_of(one.rig.engine).empty());
  CHECK(one.echoes());
}

TEST_CASE("a setting that made a load fail makes it succeed once it is changed") {
  Settings settings = fixed_lead(1, 9);
  Engine engine(settings, echo_factory());
  REQUIRE(engine.prepare(44100.0, 64).ok());
  engine.load();
  REQUIRE(engine.wait_loaded(5000.0));
  REQUIRE(engine.info().state == State::error);
  while (engine.poll()) {  // as every host does
  }
  CHECK(engine.set("hop", std::vector<Atom>{std::string("auto")}).ok());
  CHECK(eventually([&] { return engine.info().state == State::ready; }));
}

TEST_CASE("a live setting that a first load failed for makes it succeed once it is changed") {
  class Picky : public EchoBackend {
   public:
    Picky() : EchoBackend(0.0) {}
    Status generate(const HopRequest& request, HopResult& result) override {
      if (request.controls.sampler != "auto") return Status::failed("hop: set sampler to auto");
      return EchoBackend::generate(request, result);
    }
  };
  Settings settings = fixed_lead(1, 1);
  settings.sampler = "euler";
  Engine engine(settings, [](const Settings&, ConsoleLine) { return std::make_shared<Picky>(); });
  REQUIRE(engine.prepare(44100.0, 64).ok());
  engine.load();
  REQUIRE(engine.wait_loaded(5000.0));
  CHECK(error_of(engine) == "hop: set sampler to auto");
  REQUIRE(engine.set("mute", std::vector<Atom>{int64_t{1}}).ok());
  CHECK(engine.info().state == State::error);
  REQUIRE(engine.set("sampler", std::vector<Atom>{std::string("auto")}).ok());
  CHECK(eventually([&] { return engine.info().state == State::ready; }));
}

TEST_CASE("what opens nothing stays as it was set when a load fails") {
  Loading one;
  REQUIRE(one.rig.opened);
  one.doors->gate = false;
  REQUIRE(one.set("model", "missing").ok());
  REQUIRE(one.rig.engine.set("port", std::vector<Atom>{int64_t{7001}}).ok());
  one.doors->gate = true;
  REQUIRE(one.rig.engine.wait_loaded(5000.0));
  CHECK(one.rig.engine.settings().model == "mini");
  CHECK(one.rig.engine.settings().port == 7001);
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
