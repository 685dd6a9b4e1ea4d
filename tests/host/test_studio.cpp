#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <memory>
#include <thread>

#include "backends/echo/echo_backend.h"
#include "host/instrument.h"
#include "support/shelf.h"

using namespace sideman;
using namespace sideman::test;
using namespace std::chrono_literals;

namespace {

constexpr int vector_samples = 64;

std::vector<float> noise(size_t samples, unsigned seed = 1) {
  std::vector<float> made(samples);
  for (float& sample : made) {
    seed = seed * 1664525u + 1013904223u;
    sample = static_cast<float>(seed >> 8) / 16777216.0f - 0.5f;
  }
  return made;
}

Settings echo(std::vector<std::string> parts = {"bass", "drums"}) {
  Settings settings;
  settings.backend = "echo";
  settings.parts = std::move(parts);
  settings.hop = 2;
  settings.lead = 1;
  return settings;
}

// An instrument that plays offline beside a shelf of sounds.
struct Room {
  Shelf shelf;
  std::vector<std::string> messages, lines;
  Instrument instrument;
  size_t parts;

  explicit Room(Settings settings = echo(),
                BackendFactory factory = [](const Settings& now, ConsoleLine) {
                  return make_echo_backend(now.delay);
                })
      : instrument(settings, std::move(factory),
                   {[this](const Message& message) {
                      messages.push_back(message.selector + " " + to_text(message.atoms));
                    },
                    [this](const Line& line) { lines.push_back(line.text); }, &shelf}),
        parts(settings.parts.size()) {
    instrument.prepare(44100, vector_samples);
    REQUIRE(tick_until("status ready"));
  }

  bool tick_until(const std::string& start) {
    for (int i = 0; i < 2000; ++i) {
      instrument.tick();
      for (const std::string& message : messages) {
        if (message.rfind(start, 0) == 0) return true;
      }
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  // In place, as hosts do: the first part comes in the memory of the music.
  std::vector<std::vector<float>> play(const std::vector<float>& music) {
    std::vector<std::vector<float>> played(parts, music);
    for (size_t begin = 0; begin < music.size(); begin += vector_samples) {
      const auto count = static_cast<int>(std::min<size_t>(vector_samples, music.size() - begin));
      std::vector<float*> out;
      for (auto& part : played) out.push_back(part.data() + begin);
      const float* in[heard_channels] = {played[0].data() + begin, nullptr};
      instrument.process(in, out.data(), static_cast<int>(parts), count);
      REQUIRE(instrument.settle(10000.0));
    }
    return played;
  }

  void say(const char* selector, Atoms atoms = {}) { instrument.handle(selector, atoms); }
};

// An echo that writes down the clocks that it is told.
struct Clocked : EchoBackend {
  explicit Clocked(std::vector<Clock>& told) : EchoBackend(0.0), told_(told) {}
  Status generate(const HopRequest& request, HopResult& result) override {
    if (request.controls.clock.known) told_.push_back(request.controls.clock);
    return EchoBackend::generate(request, result);
  }
  std::vector<Clock>& told_;
};

// An echo that has no time for more than one hop.
struct Hurried : EchoBackend, Pipelined {
  Hurried() : EchoBackend(0.0) {}
  Pipelined* pipelined() override { return this; }
  Status ask(const HopRequest&) override { return Status::failed("too late"); }
  std::optional<Answer> take(HopResult&) override { return std::nullopt; }
};

Atom word(const char* text) { return std::string(text); }

bool any(const std::vector<std::string>& lines, const std::string& text) {
  for (const std::string& line : lines) {
    if (line.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a recording holds the music and every part, aligned to the sample") {
  Room room;
  room.shelf.sounds["take"] = {};
  room.say("record", {word("take"), 0.5});
  const std::vector<float> music = noise(44100);
  const auto played = room.play(music);
  REQUIRE(room.tick_until("record done"));
  const Sound& take = room.shelf.sounds["take"];
  REQUIRE(take.channels.size() == 3);
  CHECK(take.rate == 44100.0);
  const auto end = std::ptrdiff_t{22050};
  CHECK(take.channels[0] == std::vector<float>(music.begin(), music.begin() + end));
  for (size_t part = 0; part < 2; ++part) {
    CHECK(take.channels[part + 1] ==
          std::vector<float>(played[part].begin(), played[part].begin() + end));
  }
  CHECK(room.lines.empty());
}

TEST_CASE("a recording is as long as the sound it goes to, and may be ended before") {
  Room room;
  room.shelf.sounds["take"] = {{std::vector<float>(5000)}, 44100.0};
  room.say("record", {word("take")});
  room.play(noise(1000));
  room.instrument.tick();
  CHECK_FALSE(any(room.messages, "record done"));
  room.say("record");
  REQUIRE(room.tick_until("record done"));
  CHECK(room.shelf.sounds["take"].channels.front().size() == 1000);

  room.messages.clear();
  room.shelf.sounds["take"] = {{std::vector<float>(5000)}, 44100.0};
  room.say("record", {word("take")});
  room.play(noise(6000));
  REQUIRE(room.tick_until("record done"));
  CHECK(room.shelf.sounds["take"].channels.front().size() == 5000);
}

TEST_CASE("a rendered sound is bit for bit what is played live from its first sample on") {
  Room live;
  const std::vector<float> music = noise(3 * 44100 + 17);
  const auto played = live.play(music);

  Room room;
  room.shelf.sounds["song"] = {{music}, 44100.0};
  room.shelf.sounds["parts"] = {};
  room.say("render", {word("song"), word("parts")});
  REQUIRE(room.tick_until("render done"));
  const Sound& rendered = room.shelf.sounds["parts"];
  CHECK(rendered.rate == 44100.0);
  CHECK(rendered.channels == played);
  CHECK(any(room.messages, "render progress"));
  CHECK(room.lines.empty());
}

TEST_CASE("a sound is rendered in the tempo and the bar that the live object was told") {
  std::vector<Clock> told;
  Room room(echo(), [&](const Settings&, ConsoleLine) { return std::make_shared<Clocked>(told); });
  room.shelf.sounds["song"] = {{noise(44100)}, 44100.0};
  room.shelf.sounds["parts"] = {};
  room.say("meter", {Atom{int64_t{3}}});
  room.say("tempo", {Atom{90.0}});
  room.say("render", {word("song"), word("parts")});
  REQUIRE(room.tick_until("render done"));
  REQUIRE_FALSE(told.empty());
  for (const Clock& clock : told) {
    CHECK(clock.bpm == 90.0);
    CHECK(clock.beats_per_bar == 3);
  }
}

TEST_CASE("a rendering waits for each hop, where live ones are under way together") {
  Room room(echo(), [&](const Settings&, ConsoleLine) { return std::make_shared<Hurried>(); });
  room.shelf.sounds["song"] = {{noise(44100)}, 44100.0};
  room.shelf.sounds["parts"] = {};
  room.say("render", {word("song"), word("parts")});
  CHECK(room.tick_until("render done"));
  CHECK(room.lines.empty());
}

TEST_CASE("an impulse of a rendered sound comes back after the reaction, to the sample") {
  Room room(echo({"bass"}));
  std::vector<float> music(44100, 0.0f);
  music[1234] = 0.5f;
  room.shelf.sounds["song"] = {{music}, 44100.0};
  room.shelf.sounds["part"] = {};
  room.say("render", {word("song"), word("part")});
  REQUIRE(room.tick_until("render done"));
  const std::vector<float>& part = room.shelf.sounds["part"].channels.front();
  const auto loudest = std::max_element(part.begin(), part.end()) - part.begin();
  CHECK(loudest == 1234 + 3 * 2048);
}

TEST_CASE("the live object plays on while a sound is rendered") {
  Room alone, room;
  room.shelf.sounds["song"] = {{noise(10 * 44100, 5)}, 44100.0};
  room.shelf.sounds["parts"] = {};
  room.say("render", {word("song"), word("parts")});
  const std::vector<float> music = noise(44100);
  CHECK(room.play(music) == alone.play(music));
  CHECK(room.tick_until("render done"));
}

TEST_CASE("a sound of two channels is heard as their mean") {
  Room one, two;
  const std::vector<float> music = noise(44100);
  std::vector<float> doubled = music;
  for (float& sample : doubled) sample *= 2.0f;
  one.shelf.sounds["song"] = {{music}, 44100.0};
  two.shelf.sounds["song"] = {{doubled, std::vector<float>(music.size())}, 44100.0};
  for (Room* room : {&one, &two}) {
    room->shelf.sounds["parts"] = {};
    room->say("render", {word("song"), word("parts")});
    REQUIRE(room->tick_until("render done"));
  }
  CHECK(one.shelf.sounds["parts"].channels == two.shelf.sounds["parts"].channels);
}

TEST_CASE("what cannot be recorded or rendered is said in one line and changes nothing") {
  Room room;
  room.shelf.sounds["empty"] = {};
  room.shelf.sounds["song"] = {{noise(1000)}, 44100.0};
  const struct {
    const char* selector;
    Atoms atoms;
    const char* reason;
  } cases[] = {
      {"record", {}, "nothing runs"},
      {"record", {word("absent"), 1.0}, "no sound absent"},
      {"record", {word("empty")}, "is empty"},
      {"record", {word("empty"), -1.0}, "takes names and, last, seconds"},
      {"record", {word("empty"), std::nan("")}, "takes names and, last, seconds"},
      {"record", {word("empty"), 1e9}, "gigabyte"},
      {"record", {1.0}, "takes names"},
      {"render", {}, "nothing runs"},
      {"render", {word("song")}, "takes two names"},
      {"render", {word("absent"), word("empty")}, "no sound absent"},
      {"render", {word("song"), word("absent")}, "no sound absent"},
      {"render", {word("empty"), word("song")}, "is empty"},
      {"render", {word("song"), word("empty"), 3.0}, "takes two names"},
  };
  for (const auto& one : cases) {
    CAPTURE(one.reason);
    room.lines.clear();
    room.instrument.handle(one.selector, one.atoms);
    REQUIRE(room.lines.size() == 1);
    CHECK(room.lines[0].find(one.reason) != std::string::npos);
  }
  CHECK(room.shelf.sounds["empty"].channels.empty());
}

TEST_CASE("a sound is rendered though a live hop has failed") {
  struct Failing : EchoBackend {
    Failing() : EchoBackend(0.0) {}
    Status generate(const HopRequest& request, HopResult& result) override {
      if (request.hop_id == 20) return Status::failed("hop 20: out of memory");
      return EchoBackend::generate(request, result);
    }
  };
  Room room(echo(), [](const Settings&, ConsoleLine) { return std::make_shared<Failing>(); });
  room.shelf.sounds["song"] = {{noise(4 * 4096)}, 44100.0};
  room.shelf.sounds["bass"] = room.shelf.sounds["drums"] = {};
  room.play(noise(22 * 4096));
  REQUIRE(room.tick_until("status error"));
  room.say("render", {word("song"), word("bass"), word("drums")});
  CHECK(room.tick_until("render done"));
}

TEST_CASE("a recording during which no sound ran leaves the sound that was there") {
  Room room;
  const Sound before{{noise(1000)}, 44100.0};
  room.shelf.sounds["take"] = before;
  room.say("record", {word("take"), 1.0});
  room.say("record");
  room.instrument.tick();
  CHECK(any(room.lines, "take stays as it is"));
  CHECK(room.shelf.sounds["take"].channels == before.channels);
}

TEST_CASE("a recording may follow at once on one that was ended, or is full") {
  Room room;
  for (const char* name : {"one", "two", "three"}) room.shelf.sounds[name] = {};
  room.say("record", {word("one"), 10.0});
  room.play(noise(1000));
  room.say("record");
  room.say("record", {word("two"), 0.01});
  room.play(noise(1000));
  room.say("record", {word("three"), 0.01});
  room.play(noise(1000));
  CHECK(room.lines.empty());
  REQUIRE(room.tick_until("record done three"));
  CHECK(room.shelf.sounds["one"].channels.front().size() == 1000);
  CHECK(room.shelf.sounds["two"].channels.front().size() == 441);
  CHECK(room.shelf.sounds["three"].channels.front().size() == 441);
}

TEST_CASE("a recording ends where the sample rate changes") {
  Room room;
  room.shelf.sounds["take"] = {};
  room.say("record", {word("take"), 10.0});
  room.play(noise(1000));
  room.instrument.prepare(48000, vector_samples);
  room.play(noise(1000));
  REQUIRE(room.tick_until("record done"));
  CHECK(room.shelf.sounds["take"].rate == 44100.0);
  CHECK(room.shelf.sounds["take"].channels.front().size() == 1000);
}

TEST_CASE("a second recording waits for the first, and a second rendering too") {
  Room room;
  room.shelf.sounds["take"] = {};
  room.shelf.sounds["song"] = {{noise(20 * 44100)}, 44100.0};
  room.say("record", {word("take"), 1.0});
  room.say("record", {word("take"), 1.0});
  CHECK(any(room.lines, "record: one runs already"));
  room.say("render", {word("song"), word("take")});
  room.say("render", {word("song"), word("take")});
  CHECK(any(room.lines, "render: one runs already"));
  room.say("render");
  room.say("render", {word("song"), word("take")});
  CHECK(room.lines.size() == 2);
}

TEST_CASE("a host that cannot take the sound says so, and the object goes on") {
  Room room;
  room.shelf.sounds["take"] = {};
  room.say("record", {word("take"), 0.1});
  room.play(noise(8000));
  room.shelf.full = true;
  for (int i = 0; i < 5; ++i) room.instrument.tick();
  CHECK(any(room.lines, "no room"));
  room.shelf.full = false;
  room.say("record", {word("take"), 0.1});
  room.play(noise(8000));
  CHECK(room.tick_until("record done"));
}

TEST_CASE("a host that is not ready is asked again, for two seconds at most") {
  Room room;
  room.shelf.sounds["take"] = {};
  room.shelf.busy = 3;
  room.say("record", {word("take"), 0.1});
  room.play(noise(8000));
  REQUIRE(room.tick_until("record done"));
  CHECK(room.shelf.sounds["take"].channels.front().size() == 4410);

  room.shelf.busy = 1000000;
  room.say("record", {word("take"), 0.1});
  room.play(noise(8000));
  int ticks = 0;
  while (!any(room.messages, "record failed") && ticks < 1000) {
    room.instrument.tick();
    ++ticks;
  }
  CHECK(ticks > 90);
  CHECK(ticks < 110);  // of 20 ms
  CHECK(any(room.lines, "not yet"));
}

TEST_CASE("a rendering that is given up ends, however quick its hops are") {
  using Count = std::shared_ptr<std::atomic<int>>;  // a worker may outlive its engine for a moment
  struct Counted : EchoBackend {
    explicit Counted(Count hops) : EchoBackend(0.0), hops_(std::move(hops)) {}
    Status generate(const HopRequest& request, HopResult& result) override {
      ++*hops_;
      std::this_thread::sleep_for(10ms);
      return EchoBackend::generate(request, result);
    }
    Count hops_;
  };
  const Count hops = std::make_shared<std::atomic<int>>(0);
  {
    Room room(echo({"bass"}), [hops](const Settings&, ConsoleLine) {
      return std::make_shared<Counted>(hops);
    });
    room.shelf.sounds["song"] = {{noise(120 * 44100)}, 44100.0};  // of some 1300 hops
    room.shelf.sounds["part"] = {};
    room.say("render", {word("song"), word("part")});
    const int before = *hops;
    for (int i = 0; i < 10000 && *hops < before + 20; ++i) std::this_thread::sleep_for(1ms);
    REQUIRE(*hops >= before + 20);
  }
  CHECK(*hops < 400);
}

TEST_CASE("a part is rendered though the object is muted") {
  Room room(echo({"bass"}));
  room.shelf.sounds["song"] = {{noise(44100)}, 44100.0};
  room.shelf.sounds["part"] = {};
  room.say("mute", {int64_t{1}});
  room.say("render", {word("song"), word("part")});
  REQUIRE(room.tick_until("render done"));
  const auto& part = room.shelf.sounds["part"].channels.front();
  CHECK(std::ranges::any_of(part, [](float sample) { return sample != 0.0f; }));
}

TEST_CASE("an instrument goes while it records and renders") {
  for (int round = 0; round < 5; ++round) {
    Room room;
    room.shelf.sounds["take"] = {};
    room.shelf.sounds["song"] = {{noise(60 * 44100)}, 44100.0};
    room.say("record", {word("take"), 5.0});
    room.say("render", {word("song"), word("take")});
    room.play(noise(1000));
  }
}
