#include <doctest/doctest.h>

#include <functional>
#include <thread>

#include "backends/echo/echo_backend.h"
#include "host/doctor.h"
#include "host/instrument.h"

using namespace sideman;
using namespace std::chrono_literals;

namespace {

// An instrument with its ear and mouth: what it says is kept.
struct Stage {
  std::vector<std::string> messages, lines;
  std::function<void(const std::string&)> answers = [](const std::string&) {};  // as a patch may
  Instrument instrument;

  explicit Stage(Settings settings = echo())
      : instrument(std::move(settings),
                   [](const Settings& now, ConsoleLine) -> std::shared_ptr<Backend> {
                     if (now.model == "nobody") return nullptr;
                     return make_echo_backend(now.delay);
                   },
                   {[this](const Message& message) {
                      messages.push_back(message.selector + " " + to_text(message.atoms));
                      answers(messages.back());
                    },
                    [this](const Line& line) { lines.push_back(line.text); }}) {
    instrument.prepare(44100, 64);
  }

  static Settings echo() {
    Settings settings;
    settings.backend = "echo";
    settings.hop = 1;
    settings.lead = 1;
    return settings;
  }

  bool heard(const std::string& start) const {
    for (const std::string& message : messages) {
      if (message.rfind(start, 0) == 0) {
        return true;
      }
    }
    return false;
  }

  bool tick_until(const std::string& start) {
    for (int i = 0; i < 2000 && !heard(start); ++i) {
      instrument.tick();
      std::this_thread::sleep_for(5ms);
    }
    return heard(start);
  }
};

Atom word(const char* text) { return std::string(text); }

}  // namespace

TEST_CASE("the first tick loads the model, and the state is told once per change") {
  Stage stage;
  CHECK(stage.messages.empty());
  REQUIRE(stage.tick_until("status ready"));
  std::vector<std::string> states;
  for (const std::string& message : stage.messages) {
    if (message.rfind("status", 0) == 0) {
      states.push_back(message);
    }
  }
  CHECK(states == std::vector<std::string>{"status loading", "status ready"});
  CHECK(stage.heard("backend echo"));
  CHECK(stage.heard("latency"));
  CHECK(stage.lines.empty());
}

TEST_CASE("an unknown message prints one line with the nearest name") {
  Stage stage;
  stage.instrument.handle("tmepo", Atoms{120.0});
  REQUIRE(stage.lines.size() == 1);
  CHECK(stage.lines[0].find("'tempo'") != std::string::npos);
  CHECK(stage.messages.empty());
}

TEST_CASE("a message that cannot be done prints one line and changes nothing") {
  Stage stage;
  const Settings before = stage.instrument.settings();
  stage.instrument.handle("tempo", Atoms{});
  stage.instrument.handle("tempo", Atoms{word("fast")});
  stage.instrument.handle("hop", Atoms{word("soon")});
  stage.instrument.handle("meter", Atoms{int64_t{0}});
  stage.instrument.handle("meter", Atoms{3.5});
  stage.instrument.handle("beat", Atoms{0.5});
  stage.instrument.handle("beat", Atoms{1e20});
  stage.instrument.handle("meter", Atoms{int64_t{6}, int64_t{8}});
  stage.instrument.handle("tempo", Atoms{int64_t{120}, int64_t{90}});
  CHECK(stage.lines.size() == 9);
  CHECK(stage.instrument.settings() == before);
}

TEST_CASE("clock messages are taken") {
  Stage stage;
  stage.instrument.handle("tempo", Atoms{int64_t{128}});
  stage.instrument.handle("beat", Atoms{});
  stage.instrument.handle("beat", Atoms{int64_t{3}});
  stage.instrument.handle("meter", Atoms{int64_t{3}});
  CHECK(stage.lines.empty());
}

TEST_CASE("a setting is a message") {
  Stage stage;
  stage.instrument.handle("guidance", Atoms{2.5});
  CHECK(stage.instrument.settings().guidance == 2.5);
}

TEST_CASE("tags are a message, and bad ones one line") {
  Stage stage;
  stage.instrument.handle("tags", Atoms{word("funk"), 0.7, word("bright")});
  CHECK(stage.instrument.settings().tags == std::vector<Tag>{{"funk", 0.7}, {"bright", 1.0}});
  stage.instrument.handle("tags", Atoms{2.5});
  CHECK(stage.lines.size() == 1);
  CHECK(stage.instrument.settings().tags.size() == 2);
  stage.instrument.handle("tags", {});
  CHECK(stage.instrument.settings().tags.empty());
}

TEST_CASE("info and doctor answer at once and close with end") {
  Stage stage;
  REQUIRE(stage.tick_until("status ready"));
  stage.messages.clear();
  stage.instrument.handle("info", {});
  CHECK(stage.messages.front() == "info state ready");
  CHECK(stage.messages.back() == "info end");
  CHECK(stage.heard("info hop_frames 1"));
  stage.messages.clear();
  stage.instrument.handle("doctor", {});
  CHECK(stage.heard("doctor backend ok"));
  CHECK(stage.heard("doctor state ok"));
  CHECK(stage.messages.back() == "doctor end");
  CHECK_FALSE(stage.lines.empty());
}

TEST_CASE("doctor names the server and asks for no Python where a server plays") {
  Settings settings = Stage::echo();
  settings.backend = "remote";
  settings.host = "studio";
  Stage stage(settings);
  REQUIRE(stage.tick_until("status ready"));
  stage.instrument.handle("doctor", {});
  CHECK(stage.heard("doctor server"));
  CHECK_FALSE(stage.heard("doctor python"));
  CHECK_FALSE(stage.heard("doctor bridge"));
}

TEST_CASE("doctor says whether the server answers, and what to look at where it does not") {
  Settings settings;
  settings.host = "studio";
  const auto server = [&settings](State state, std::string backend) {
    EngineInfo info;
    info.state = state;
    info.backend = std::move(backend);
    for (const Check& one : run_doctor(info, settings)) {
      if (one.name == "server") return one;
    }
    return Check{};
  };
  CHECK(server(State::ready, "remote").ok);
  CHECK(server(State::late, "remote").ok);
  CHECK(server(State::loading, "").ok);
  for (const char* backend : {"auto", "remote"}) {
    settings.backend = backend;
    const Check dead = server(State::error, "");
    CHECK_FALSE(dead.ok);
    CHECK(dead.sentence.find("'studio' port 7770") == 0);
    CHECK(dead.sentence.find("sideman serve") != std::string::npos);
  }
  const Check stood_in = server(State::ready, "embedded");
  CHECK_FALSE(stood_in.ok);
  CHECK(stood_in.sentence.find("the embedded model plays") != std::string::npos);
}

TEST_CASE("doctor names a venv that is not there") {
  Settings settings = Stage::echo();
  settings.backend = "auto";
  settings.python = "/nowhere/at/all";
  Stage stage(settings);
  stage.instrument.handle("doctor", {});
  CHECK(stage.heard("doctor bridge failed"));
  bool named = false;
  for (const std::string& line : stage.lines) {
    named = named || line.find("/nowhere/at/all") != std::string::npos;
  }
  CHECK(named);
}

TEST_CASE("bench measures again and sends the figures") {
  Stage stage;
  REQUIRE(stage.tick_until("status ready"));
  stage.messages.clear();
  stage.instrument.handle("bench", {});
  REQUIRE(stage.tick_until("bench end"));
  CHECK(stage.heard("status loading"));
  CHECK(stage.heard("bench keeps_up 1"));
}

TEST_CASE("bench of a model that does not open ends too, and what was said meanwhile does not end it") {
  Stage stage;
  REQUIRE(stage.tick_until("status ready"));
  stage.instrument.handle("bench", {});
  stage.instrument.handle("guidance", Atoms{word("much")});
  REQUIRE(stage.tick_until("bench end"));
  stage.messages.clear();
  stage.instrument.handle("model", Atoms{word("nobody")});
  stage.instrument.handle("bench", {});
  REQUIRE(stage.tick_until("bench failed"));
  CHECK_FALSE(stage.heard("bench end"));
}

TEST_CASE("bench that is sent as soon as the object is ready measures all the same") {
  Stage stage;
  bool asked = false;
  stage.answers = [&](const std::string& message) {
    if (message.rfind("status ready", 0) != 0 || asked) return;
    asked = true;
    stage.instrument.handle("bench", {});
  };
  REQUIRE(stage.tick_until("bench end"));
  std::vector<std::string> told;
  for (const std::string& message : stage.messages) {
    if (message.rfind("status", 0) == 0 || message.rfind("bench end", 0) == 0) told.push_back(message);
  }
  CHECK(told == std::vector<std::string>{"status loading", "status ready", "status loading",
                                         "status ready", "bench end"});
}

TEST_CASE("window sets hop and lead as the paper says them, once the model is open") {
  Stage stage;
  const std::vector<Atom> quarter{Atom{0.0625}, Atom{int64_t{2}}};
  stage.instrument.handle("window", quarter);
  CHECK(stage.lines.back().find("send it again when the status is ready") != std::string::npos);
  REQUIRE(stage.tick_until("status ready"));
  stage.lines.clear();
  stage.messages.clear();
  stage.instrument.handle("window", quarter);
  REQUIRE(stage.tick_until("latency"));
  CHECK(stage.lines.front() == "window of 128 frames: hop 8, lead 16");
  stage.messages.clear();
  stage.instrument.handle("info", {});
  CHECK(stage.heard("info hop_frames 8"));
  CHECK(stage.heard("info lead_frames 16"));
  stage.instrument.handle("window", {quarter.data(), 1});
  CHECK(stage.lines.back().find("write `window r w`") != std::string::npos);
}

TEST_CASE("after quit nothing sounds, every call returns, and the settings are what they were") {
  Stage stage;
  REQUIRE(stage.tick_until("status ready"));
  const Settings before = stage.instrument.settings();
  REQUIRE_FALSE(before == Settings{});
  stage.instrument.quit();
  stage.instrument.quit();
  std::vector<float> in(64, 0.5f), out(64, 0.5f);
  const float* ins[] = {in.data(), in.data()};
  float* outs[] = {out.data()};
  stage.instrument.process(ins, outs, 1, 64);
  CHECK(out == std::vector<float>(64, 0.0f));
  stage.instrument.handle("info", {});
  stage.instrument.tick();
  CHECK(stage.instrument.settings() == before);
}

// ---- audio that stands still ----

namespace {

struct Sounding : Stage {
  std::vector<double> in = std::vector<double>(64, 0.5), out = std::vector<double>(64);

  void vector() {
    const double* inlets[] = {in.data(), nullptr};
    double* outlets[] = {out.data()};
    instrument.process(inlets, outlets, 1, 64);
  }
  bool sounds() {
    for (int i = 0; i < 4 * 2048 / 64; ++i) {
      vector();
      if (i % 32 == 31) instrument.settle(5000.0);
    }
    return out.front() == 0.5;
  }
  void stand_still(std::chrono::milliseconds time) {
    for (auto waited = 0ms; waited < time; waited += 10ms) {
      instrument.tick();
      std::this_thread::sleep_for(10ms);
    }
  }
};

}  // namespace

TEST_CASE("after a pause the sound rises from silence, and goes on") {
  Sounding stage;
  REQUIRE(stage.tick_until("status ready"));
  bool brief = false;
  for (int i = 0; i < 10 && !brief; ++i) {  // a busy machine may make a pause of it: again
    REQUIRE(stage.sounds());
    const auto began = std::chrono::steady_clock::now();
    stage.stand_still(50ms);
    stage.vector();
    brief = std::chrono::steady_clock::now() - began < 200ms;
    if (brief) CHECK(stage.out.front() == 0.5);  // a few vectors missed are no pause
  }
  REQUIRE(brief);
  stage.stand_still(400ms);
  stage.vector();
  CHECK(stage.out.front() < 0.01);
  CHECK(stage.out.back() > stage.out.front());
  for (int i = 0; i < 10; ++i) stage.vector();
  CHECK(stage.out.back() == 0.5);
}

TEST_CASE("after a longer one nothing of before is heard any more") {
  Sounding stage;
  REQUIRE(stage.tick_until("status ready"));
  REQUIRE(stage.sounds());
  stage.in.assign(64, 0.25);
  stage.stand_still(2300ms);
  for (int i = 0; i < 2 * 2048 / 64; ++i) {  // the reaction
    stage.vector();
    CHECK(stage.out == std::vector<double>(64, 0.0));
  }
  stage.instrument.settle(5000.0);
  for (int i = 0; i < 20; ++i) stage.vector();
  CHECK(stage.out.back() == 0.25);
}
