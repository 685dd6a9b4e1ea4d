#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>

#include "instrument_of.h"
#include "kernel.h"

using namespace maxhost;
using namespace std::chrono_literals;

namespace {

constexpr int64_t frame = 2048;

// Noise with a fixed seed, made of floats: the engine's own samples, so that equality is exact.
Signal noise(size_t samples) {
  Signal signal(samples);
  uint32_t state = 12345;
  for (double& sample : signal) {
    state = state * 1664525u + 1013904223u;
    sample = static_cast<float>(static_cast<double>(state >> 8) / 16777216.0 - 0.5);
  }
  return signal;
}

constexpr std::array<double, 4> pitches = {110.0, 997.0, 3456.7, 7001.0};

double tones_at(double seconds) {
  double sum = 0.0;
  for (const double hertz : pitches) {
    sum += 0.15 * std::sin(2.0 * std::numbers::pi * hertz * seconds);
  }
  return sum;
}

double slope_at(double seconds) {
  double sum = 0.0;
  for (const double hertz : pitches) {
    const double turn = 2.0 * std::numbers::pi * hertz;
    sum += 0.15 * turn * std::cos(turn * seconds);
  }
  return sum;
}

struct Fit {
  double delay = 0.0;  // samples, with its fraction
  double error_db = 0.0;
};

// The delay that explains `out` best, near the one that is told, by Newton's method.
Fit fit_delay(std::span<const double> out, size_t from, double rate, double delay) {
  Fit fit{delay, 0.0};
  for (int step = 0; step < 8; ++step) {
    double across = 0.0, along = 0.0, error = 0.0, power = 0.0;
    for (size_t i = 0; i < out.size(); ++i) {
      const double moment = (static_cast<double>(from + i) - fit.delay) / rate;
      const double wanted = tones_at(moment), slope = slope_at(moment) / rate;
      across += (out[i] - wanted) * slope;
      along += slope * slope;
      error += (out[i] - wanted) * (out[i] - wanted);
      power += wanted * wanted;
    }
    fit.error_db = 10.0 * std::log10(error / power);
    fit.delay -= across / along;
  }
  return fit;
}

struct Playing {
  Kernel kernel;
  t_object* x = nullptr;

  Playing(double rate, long max_vector, std::string_view arguments) {
    kernel.dsp_on(rate, max_vector);
    x = kernel.create(arguments);
    REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  }
  ~Playing() { kernel.destroy(x); }

  std::vector<Signal> play(const Signal& in, const std::vector<long>& vectors) {
    return kernel.play(x, in, vectors, [&] { CHECK(instrument_of(x).settle(10000)); });
  }
  int64_t latency() const {
    int64_t samples = -1;
    for (const std::string& message : kernel.messages(x)) {
      if (message.rfind("latency ", 0) == 0) {
        samples = std::stoll(message.substr(8));
      }
    }
    return samples;
  }
};

// Where the stream fades in, gain is below one: the first slot and one fade are left out.
int64_t differences(const Signal& in, const Signal& out, int64_t delay, int64_t from) {
  int64_t wrong = 0;
  for (auto i = static_cast<size_t>(from); i < out.size(); ++i) {
    wrong += out[i] != in[i - static_cast<size_t>(delay)];
  }
  return wrong;
}

}  // namespace

TEST_CASE("echo is the input, hop + lead later, bit for bit, for every vector size") {
  const std::vector<std::vector<long>> all = {
      {1}, {16}, {63}, {64}, {256}, {1024}, {4096}, {64, 17, 4096, 1, 1000, 256, 63}};
  const Signal in = noise(static_cast<size_t>(12 * frame));
  for (const std::vector<long>& vectors : all) {
    CAPTURE(vectors);
    // The lead must cover the largest vector, or its answer would come in the middle of it.
    Playing host(44100, 4096, "mini @backend echo @hop 1 @lead 3 @parts bass drums");
    const std::vector<Signal> out = host.play(in, vectors);
    REQUIRE(out.size() == 2);
    const int64_t delay = 4 * frame;
    CHECK(host.latency() == delay);
    CHECK(differences(in, out[0], delay, delay + 1000) == 0);
    CHECK(out[0] == out[1]);
    CHECK(std::all_of(out[0].begin(), out[0].begin() + delay, [](double v) { return v == 0.0; }));
  }
}

TEST_CASE("at other rates the echo is within -80 dB, and its delay is the one that is told") {
  for (const double rate : {48000.0, 88200.0, 96000.0}) {
    CAPTURE(rate);
    Playing host(rate, 256, "mini @backend echo @hop 1 @lead 2");
    Signal in(static_cast<size_t>(4 * rate));
    for (size_t i = 0; i < in.size(); ++i) {
      in[i] = tones_at(static_cast<double>(i) / rate);
    }
    const Signal out = host.play(in, {256, 64, 100})[0];
    const auto told = static_cast<double>(host.latency());
    const auto second = static_cast<size_t>(rate);  // the first one holds the fades
    const Fit early = fit_delay(std::span(out).subspan(second, second), second, rate, told);
    const Fit late = fit_delay(std::span(out).subspan(3 * second), 3 * second, rate, told);
    CHECK(early.error_db < -80.0);
    CHECK(late.error_db < -80.0);
    CHECK(std::abs(early.delay - told) < 1.0);
    CHECK(std::abs(early.delay - late.delay) < 0.01);
  }
}
