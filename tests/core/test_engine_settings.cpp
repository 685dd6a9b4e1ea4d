#include <doctest/doctest.h>

#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

Status set(Engine& engine, std::string_view name, Atom value) {
  return engine.set(name, {&value, 1});
}

constexpr int64_t hop = 2048;

// Scripted, one frame per hop and lead.
struct Small {
  Small() : rig(fixed_lead(1, 1), script, 64) { REQUIRE(rig.opened); }
  void play_hops(int count) { rig.play(std::vector<float>(static_cast<size_t>(count * hop), 0.1f)); }

  std::shared_ptr<Script> script = std::make_shared<Script>();
  Rig rig;
};

}  // namespace

TEST_CASE("live settings reach the next hop, without a new stream") {
  Small small;
  small.play_hops(2);
  REQUIRE(set(small.rig.engine, "steps", Atom{int64_t{3}}).ok());
  REQUIRE(set(small.rig.engine, "guidance", Atom{1.5}).ok());
  small.play_hops(1);
  const auto asked = small.script->asked();
  REQUIRE(asked.size() == 3);
  CHECK(asked[1].controls.steps == -1);
  CHECK(asked[2].controls.steps == 3);
  CHECK(asked[2].controls.guidance == 1.5);
  CHECK(small.script->plans().size() == 2);  // warm-up and the one stream
}

TEST_CASE("a new seed starts a new session of the same model") {
  Small small;
  small.play_hops(2);
  REQUIRE(set(small.rig.engine, "seed", Atom{int64_t{7}}).ok());
  small.play_hops(2);
  REQUIRE(small.script->plans().size() == 3);
  CHECK(small.script->plans()[2].seed == 7);
  CHECK_FALSE(small.script->closed());
}

TEST_CASE("a setting that the open model cannot do is refused and not taken") {
  Small small;
  CHECK(set(small.rig.engine, "hop", Atom{int64_t{3}}).sentence ==
        "hop 3: model script can do 4, 1, 2, 8 frames; set one of these, or auto");
  CHECK(small.rig.engine.settings().hop == 1);
  CHECK_FALSE(set(small.rig.engine, "fade", Atom{30.0}).ok());  // three fades exceed the hop
  CHECK(small.rig.engine.settings().fade == 10.0);
}

TEST_CASE("with mc the number of parts changes while it plays, and what is not there is silent") {
  Settings settings = fixed_lead(1, 1);
  settings.mc = true;
  settings.parts = {"bass", "drums"};
  Engine engine(settings, echo_factory());
  REQUIRE(engine.prepare(44100, 64).ok());
  engine.load();
  REQUIRE(engine.wait_loaded(10000.0));
  CHECK(engine.sounding_parts() == 0);
  const std::vector<float> in(64, 0.25f);
  std::vector<std::vector<float>> out(5, std::vector<float>(64));
  float* outs[] = {out[0].data(), out[1].data(), out[2].data(), out[3].data(), out[4].data()};
  const float* heard[] = {in.data(), nullptr};
  const auto play = [&](int count) {
    for (int vector = 0; vector < count; ++vector) {
      for (auto& one : out) std::fill(one.begin(), one.end(), 9.0f);
      engine.process(heard, outs, 5, 64);
      REQUIRE(engine.wait_idle(10000.0));
    }
  };
  const auto sounding = [&] {
    std::vector<bool> found;
    for (const auto& one : out) found.push_back(one.back() != 0.0f);
    return found;
  };
  play(200);
  CHECK(engine.sounding_parts() == 2);
  CHECK(sounding() == std::vector<bool>{true, true, false, false, false});
  const std::vector<Atom> four{Atom{std::string("a")}, Atom{std::string("b")},
                               Atom{std::string("c")}, Atom{std::string("d")}};
  REQUIRE(engine.set("parts", four).ok());
  play(200);
  CHECK(engine.sounding_parts() == 4);
  CHECK(sounding() == std::vector<bool>{true, true, true, true, false});
  REQUIRE(set(engine, "parts", Atom{std::string("e")}).ok());
  play(200);
  CHECK(sounding() == std::vector<bool>{true, false, false, false, false});
  CHECK_FALSE(set(engine, "mc", Atom{int64_t{0}}).ok());
}

TEST_CASE("the number of parts is fixed, their names are not") {
  Small small;
  const std::vector<Atom> two{Atom{std::string("bass")}, Atom{std::string("drums")}};
  CHECK(small.rig.engine.set("parts", two).sentence ==
        "parts: this object has 1 signal outlets, not 2; make a new object for another number of "
        "parts, or one with @mc 1");
  REQUIRE(set(small.rig.engine, "parts", Atom{std::string("drums")}).ok());
  small.play_hops(2);
  CHECK(small.script->plans().back().parts == std::vector<std::string>{"drums"});
}

TEST_CASE("a setting of the backend opens it again, if it was open and if it changed") {
  Small small;
  REQUIRE(set(small.rig.engine, "device", Atom{std::string("auto")}).ok());
  CHECK(small.script->plans().size() <= 2);
  CHECK_FALSE(small.script->closed());
  REQUIRE(set(small.rig.engine, "device", Atom{std::string("cpu")}).ok());
  CHECK(small.rig.engine.wait_loaded(5000.0));
  CHECK(small.script->closed());

  Engine unloaded(Settings{}, echo_factory());
  REQUIRE(set(unloaded, "device", Atom{std::string("cpu")}).ok());
  CHECK(unloaded.info().state == State::idle);
}

TEST_CASE("what the backend does not look at opens nothing again") {
  Small small;
  const size_t plans = small.script->plans().size();
  for (const auto& [name, value] :
       {std::pair{"port", Atom{int64_t{7001}}}, std::pair{"token", Atom{std::string("a file")}},
        std::pair{"delay", Atom{20.0}}, std::pair{"backend", Atom{std::string("embedded")}},
        std::pair{"host", Atom{std::string("studio.local")}}}) {
    REQUIRE(set(small.rig.engine, name, value).ok());
    CHECK(small.rig.engine.info().state == State::ready);
  }
  CHECK(small.script->plans().size() == plans);
  REQUIRE(set(small.rig.engine, "backend", Atom{std::string("auto")}).ok());  // there is a host now
  CHECK(small.rig.engine.info().state == State::loading);
}

TEST_CASE("mute fades to silence and keeps listening; off again plays in place") {
  Rig rig(fixed_lead(1, 1), echo_factory(), 44100.0, 64);
  const auto in = sine(30 * 2048, 200.0, 44100.0, 0.5);
  rig.play({in.begin(), in.begin() + 10 * 2048});
  REQUIRE(set(rig.engine, "mute", Atom{int64_t{1}}).ok());
  rig.play({in.begin() + 10 * 2048, in.begin() + 20 * 2048});
  REQUIRE(set(rig.engine, "mute", Atom{int64_t{0}}).ok());
  rig.play({in.begin() + 20 * 2048, in.end()});
  const auto& out = rig.out[0];
  for (size_t t = 10 * 2048 + 441; t < 20 * 2048; ++t) REQUIRE(out[t] == 0.0f);
  for (size_t t = 20 * 2048 + 441; t < out.size(); ++t) REQUIRE(out[t] == in[t - 2 * 2048]);
  const double own = 0.5 * 2.0 * std::numbers::pi * 200.0 / 44100.0;
  CHECK(largest_step(out) < 1.001 * (own + 0.5 * std::numbers::pi / 2.0 / 441.0));
}

TEST_CASE("the clock reaches each hop carried forward to its slot") {
  Small small;
  small.play_hops(2);
  REQUIRE(small.rig.engine.tempo(120.0).ok());  // said at the end of hop 1
  small.play_hops(2);
  small.rig.engine.transport(true, 90.0, 16.0, 3);  // at the end of hop 3
  small.play_hops(1);
  REQUIRE(set(small.rig.engine, "clock", Atom{std::string("off")}).ok());
  small.play_hops(1);
  const auto asked = small.script->asked();
  REQUIRE(asked.size() == 6);
  const double frame = 2048.0 / 44100.0;
  CHECK_FALSE(asked[1].controls.clock.known);
  // Hop 2 is answered one lead after its end, two frames after the tempo was said.
  CHECK(asked[2].controls.clock.beat == doctest::Approx(2.0 * frame * 2.0));
  CHECK(asked[3].controls.clock.beat == doctest::Approx(3.0 * frame * 2.0));
  CHECK(asked[4].controls.clock.bpm == 90.0);
  CHECK(asked[4].controls.clock.beat == doctest::Approx(16.0 + 2.0 * frame * 1.5));
  CHECK(asked[4].controls.clock.beats_per_bar == 3);
  CHECK_FALSE(asked[5].controls.clock.known);
}

TEST_CASE("the clock outlives a reset and a change of rate") {
  Small small;
  small.play_hops(2);
  REQUIRE(small.rig.engine.tempo(120.0).ok());
  small.rig.engine.reset();
  small.play_hops(3);
  const auto asked = small.script->asked();
  CHECK(asked.back().controls.clock.known);
  // The new stream began at the first chunk after the fade-out.
  const double began = 448.0 / 44100.0;
  const auto slot = static_cast<double>(asked.back().slot.begin) / 44100.0;
  CHECK(asked.back().controls.clock.beat == doctest::Approx(2.0 * (began + slot)));
}
