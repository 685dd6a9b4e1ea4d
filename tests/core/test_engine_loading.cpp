// Loading while something plays.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "support/events.h"
#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

// What the test and the models share.
struct Doors {
  std::atomic<bool> gate{true};  // models may open
  std::atomic<bool> opening{false};
  std::atomic<bool> measured{false};
  std::atomic<int> open{0};  // models
};

// An echo that opens, after a while, unless it is asked for the model `missing`. Every model knows
// one tag, its own name, and plays nothing when it is given another. The model `large` wants the house
// for itself, when it opens; `dear` when it plays its first hop; `away` is a server that goes.
class Choosy : public EchoBackend, public Pipelined {
 public:
  explicit Choosy(std::shared_ptr<Doors> doors) : EchoBackend(0.0), doors_(std::move(doors)) {}
  ~Choosy() override { close(); }
  Status open(const OpenRequest& request, ModelInfo& info) override {
    doors_->opening = true;
    while (!doors_->gate) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (request.model == "missing") {
      return Status::unavailable("model missing: not found; run sideman models");
    }
    if (request.model == "large" && doors_->open > 0) return Status::busy("large: no room");
    const Status status = EchoBackend::open(request, info);
    ++doors_->open;
    open_ = true;
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
    if (name_ == "dear" && doors_->open > 1) return Status::busy("dear: no room");
    if (name_ == "away") return Status::unavailable("hop: went away");
    if (name_ == "mute") return Status::failed("hop: CUDA out of memory");
    if (name_ == "vast") throw std::bad_alloc();
    for (const Tag& tag : request.controls.tags) {
      if (tag.name != name_) return Status::failed("hop: no tag " + tag.name);
    }
    return EchoBackend::generate(request, result);
  }

  Pipelined* pipelined() override { return name_ == "away" ? this : nullptr; }
  Status ask(const HopRequest&) override { return Status::unavailable("hop: went away"); }
  std::optional<Answer> take(HopResult&) override { return std::nullopt; }
  void close() override {
    if (std::exchange(open_, false)) --doors_->open;
  }

 private:
  std::shared_ptr<Doors> doors_;
  bool open_ = false;
  std::string name_;
  int calls_ = 0;
};

struct Loading {
  explicit Loading(int lead = 1) : rig_settings(fixed_lead(lead, 1)) {}

  Settings rig_settings;
  std::shared_ptr<Doors> doors = std::make_shared<Doors>();
  Rig rig{rig_settings, [doors = doors](const Settings&, ConsoleLine) {
            return std::make_shared<Choosy>(doors);
          }, 44100.0, 2048};

  std::vector<float> play(int hops) {
    rig.out[0].clear();
    rig.play(noise(static_cast<size_t>(hops) * 2048, 5));
    return rig.out[0];
  }
  // What failed since it was last asked for.
  std::string errors() {
    std::string texts;
    for (const Event& event : rig.events()) {
      if (event.kind == Event::Kind::error) texts += event.text;
    }
    return texts;
  }
  // Whether what comes out is what went in, a reaction later.
  bool echoes() {
    (void)play(16);
    const auto out = play(8);
    const auto in = noise(8 * 2048, 5);
    const auto reaction = rig.engine.info().grid.reaction_samples() / 2048;
    return std::equal(out.begin() + reaction * 2048, out.end(), in.begin());
  }
  // Where the lead may change meanwhile.
  bool sounds() {
    (void)play(16);
    const auto out = play(8);
    return std::any_of(out.begin(), out.end(), [](float x) { return x != 0.0f; });
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
                                   std::pair{"away", "hop: went away"},
                                   std::pair{"vast", "warm-up: there is not enough memory"}}) {
    CAPTURE(model);
    Loading one;
    REQUIRE(one.rig.opened);
    (void)one.rig.events();
    REQUIRE(one.set("model", model).ok());
    CHECK(one.rig.engine.wait_loaded(5000.0));
    CHECK(one.errors() == why);
    CHECK(one.rig.engine.info().state == State::ready);
    CHECK(one.rig.engine.settings().model == "mini");
    CHECK(one.echoes());
  }
}

TEST_CASE("where there is no room for two the one that plays leaves for the one that comes") {
  for (const char* model : {"large", "dear"}) {
    CAPTURE(model);
    Loading one;
    REQUIRE(one.rig.opened);
    (void)one.rig.events();
    REQUIRE(one.set("model", model).ok());
    CHECK(one.rig.engine.wait_loaded(5000.0));
    CHECK(one.errors() == "");
    CHECK(one.rig.engine.info().state == State::ready);
    CHECK(one.rig.engine.info().model.name == model);
    CHECK(one.echoes());
    one.rig.engine.load();  // again: itself is in its way
    CHECK(one.rig.engine.wait_loaded(5000.0));
    CHECK(one.rig.engine.info().state == State::ready);
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

TEST_CASE("where the lead was chosen the one before plays until the new one is ready to") {
  Loading one;
  REQUIRE(one.rig.opened);
  (void)one.rig.events();
  REQUIRE(one.set("model", "measured").ok());
  REQUIRE(eventually([&] { return one.doors->measured.load(); }));
  CHECK(one.echoes());
  CHECK(one.rig.engine.info().model.name == "mini");
  CHECK(one.rig.engine.wait_loaded(10000.0));
  CHECK(one.rig.engine.info().model.name == "measured");
  CHECK(one.echoes());
}

TEST_CASE("a new rate keeps the one that plays, whatever was set for the one that is coming") {
  Loading one;
  REQUIRE(one.rig.opened);
  one.doors->gate = false;
  REQUIRE(one.set("model", "other").ok());
  REQUIRE(one.rig.engine.set("hop", std::vector<Atom>{int64_t{9}}).ok());  // which no echo can do
  const int64_t latency = one.rig.engine.info().latency_samples;
  CHECK(one.rig.engine.prepare(88200.0, 64).ok());
  CHECK(one.rig.engine.info().latency_samples > 1.9 * static_cast<double>(latency));
  CHECK(one.rig.engine.info().grid.hop_frames == 1);
  CHECK(one.rig.engine.settings().hop == 9);
  one.doors->gate = true;
}

TEST_CASE("a model that is being measured plays, though another one is asked for already") {
  for (const char* next : {"missing", "other"}) {
    CAPTURE(next);
    Loading one(automatic);
    REQUIRE(one.rig.opened);
    (void)one.rig.events();
    REQUIRE(one.set("model", "measured").ok());
    REQUIRE(eventually([&] { return one.doors->measured.load(); }));  // nothing else plays any more
    one.doors->gate = false;
    REQUIRE(one.set("model", next).ok());
    REQUIRE(one.rig.engine.set("hop", std::vector<Atom>{int64_t{2}}).ok());  // for the next one
    REQUIRE(eventually([&] { return one.rig.engine.info().model.name == "measured"; }));
    CHECK(one.rig.engine.info().grid.hop_frames == 1);
    CHECK(eventually([&] { return one.sounds(); }));
    one.doors->gate = true;
    REQUIRE(one.rig.engine.wait_loaded(10000.0));
    CHECK(one.rig.engine.info().state == State::ready);
    const std::string plays = std::string(next) == "missing" ? "measured" : next;
    CHECK(one.rig.engine.info().model.name == plays);
    CHECK(one.rig.engine.settings().model == plays);
    CHECK(one.rig.engine.info().grid.hop_frames == 2);
    CHECK(eventually([&] { return one.sounds(); }));
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
