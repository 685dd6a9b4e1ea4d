#include <doctest/doctest.h>

#include "support/rig.h"
#include "support/signals.h"

using namespace sideman;
using namespace sideman::test;

namespace {

// out = in, delayed by exactly hop + lead, bit for bit. The first 441 samples of `in` are silence,
// because the first slot rises over one fade.
bool echoed(const std::vector<float>& in, const std::vector<float>& out, int64_t delay) {
  for (size_t t = 0; t < out.size(); ++t) {
    const auto from = static_cast<int64_t>(t) - delay;
    if (out[t] != (from < 0 ? 0.0f : in[static_cast<size_t>(from)])) return false;
  }
  return true;
}

std::vector<float> test_noise(int64_t samples, unsigned seed) {
  auto in = noise(samples, seed);
  std::fill_n(in.begin(), 441, 0.0f);
  return in;
}

}  // namespace

TEST_CASE("echo is the input delayed by exactly hop + lead, bit for bit, for every vector size") {
  for (const int vector : {1, 16, 63, 64, 256, 1024, 4096}) {
    CAPTURE(vector);
    Rig rig(fixed_lead(), echo_factory(), 44100.0, vector);
    REQUIRE(rig.opened);
    const auto in = test_noise(60000, 1);
    rig.play(in);
    CHECK(rig.engine.info().latency_samples == 7 * 2048);
    CHECK(echoed(in, rig.out[0], 7 * 2048));
    CHECK(rig.engine.stats().late == 0);
    CHECK(rig.engine.stats().missed == 0);
  }
}

TEST_CASE("echo is exact while the vector size changes all the time") {
  Rig rig(fixed_lead(), echo_factory(), 44100.0, 4096);
  REQUIRE(rig.opened);
  const auto in = test_noise(200000, 2);
  std::mt19937 random(3);
  const int sizes[] = {1, 16, 63, 64, 256, 257, 1024, 4096};
  for (size_t done = 0; done < in.size();) {
    const auto size = std::min<size_t>(static_cast<size_t>(sizes[random() % 8]), in.size() - done);
    rig.vector(in.data() + done, static_cast<int>(size));
    done += size;
  }
  CHECK(echoed(in, rig.out[0], 7 * 2048));
}

TEST_CASE("echo is exact for other hops and leads") {
  for (const auto& [hop, lead] : {std::pair{1, 1}, {2, 1}, {1, 5}, {8, 2}, {32, 40}}) {
    CAPTURE(hop);
    CAPTURE(lead);
    Rig rig(fixed_lead(lead, hop), echo_factory(), 44100.0, 512);
    REQUIRE(rig.opened);
    const auto in = test_noise((hop + lead) * 2048 + 80000, 4);
    rig.play(in);
    CHECK(echoed(in, rig.out[0], (hop + lead) * 2048));
  }
}

TEST_CASE("every part has its own outlet") {
  Settings settings = fixed_lead();
  settings.parts = {"bass", "drums", "piano"};
  Rig rig(settings, echo_factory(), 44100.0, 64);
  REQUIRE(rig.opened);
  const auto in = test_noise(40000, 5);
  rig.play(in);
  for (const auto& part : rig.out) CHECK(echoed(in, part, 7 * 2048));
}

TEST_CASE("in and out may be the same memory, and doubles pass as floats do") {
  Rig rig(fixed_lead(), echo_factory());
  REQUIRE(rig.opened);
  const auto in = test_noise(40000, 6);
  std::vector<double> vector(64);
  std::vector<float> out;
  double* pointers[] = {vector.data(), vector.data()};  // the sketch too
  for (size_t done = 0; done < in.size(); done += 64) {
    std::copy_n(in.begin() + static_cast<ptrdiff_t>(done), 64, vector.begin());
    rig.engine.process(pointers, pointers, 1, 64);
    out.insert(out.end(), vector.begin(), vector.end());
    rig.settle();
  }
  CHECK(echoed(in, out, 7 * 2048));
}

TEST_CASE("what is too loud to play, or no number, is heard within bounds, and no fault of the model") {
  Rig rig(fixed_lead(1, 1), echo_factory());
  std::vector<float> in(8 * 2048, 0.5f);
  in[3000] = 9.0f;
  in[3001] = -9.0f;
  in[3002] = std::nanf("");
  rig.play(in);
  CHECK(rig.engine.stats().failed == 0);
  CHECK(rig.engine.info().state == State::ready);
  const auto at = [&](size_t i) { return rig.out[0][i + 2 * 2048]; };
  CHECK(at(3000) == 4.0f);
  CHECK(at(3001) == -4.0f);
  CHECK(at(3002) == 0.0f);
  CHECK(at(3003) == 0.5f);
}

TEST_CASE("without a model there is silence") {
  Engine engine(fixed_lead(), echo_factory());
  std::vector<float> in(512, 0.5f), out(512, 1.0f);
  const float* heard[] = {in.data(), nullptr};
  float* played = out.data();
  engine.process(heard, &played, 1, 512);
  CHECK(out == std::vector<float>(512, 0.0f));
  CHECK(engine.info().state == State::idle);
  CHECK(engine.wait_idle(0.0));
}

TEST_CASE("a new rate, a reset and a new lead start a new stream, without a step") {
  Settings settings = fixed_lead();
  Rig rig(settings, echo_factory(), 44100.0, 64);
  REQUIRE(rig.opened);
  const auto in = sine(400000, 200.0, 44100.0, 0.5);
  rig.play({in.begin(), in.begin() + 50000});
  rig.engine.reset();
  rig.play({in.begin() + 50000, in.begin() + 100000});
  const Atom five{int64_t{5}};
  REQUIRE(rig.engine.set("lead", {&five, 1}).ok());
  rig.play({in.begin() + 100000, in.begin() + 200000});
  CHECK(rig.engine.info().latency_samples == 9 * 2048);
  const double own = 0.5 * 2.0 * std::numbers::pi * 200.0 / 44100.0;
  const double fade = 0.5 * std::numbers::pi / 2.0 / 441.0;
  CHECK(largest_step(rig.out[0]) < 1.001 * (own + fade));
  const auto& out = rig.out[0];
  bool exact = true;
  for (size_t t = 160000; t < out.size(); ++t) exact = exact && out[t] == in[t - 9 * 2048];
  CHECK(exact);
}

TEST_CASE("prepare without a change keeps the music going") {
  Rig rig(fixed_lead(), echo_factory(), 44100.0, 64);
  const auto in = test_noise(60000, 7);
  rig.play({in.begin(), in.begin() + 30000});
  REQUIRE(rig.engine.prepare(44100.0, 64).ok());
  rig.play({in.begin() + 30000, in.end()});
  CHECK(echoed(in, rig.out[0], 7 * 2048));
}
