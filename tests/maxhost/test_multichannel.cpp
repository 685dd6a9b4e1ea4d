#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "instrument_of.h"
#include "kernel.h"
#include "scripted_backends.h"

using namespace maxhost;
using namespace std::chrono_literals;

namespace {

const char* const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

std::string parts(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += std::string(i ? " " : "") + names[i];
  return text;
}

Signal tone(size_t samples) {
  Signal made(samples);
  for (size_t i = 0; i < samples; ++i) {
    made[i] = 0.5 * std::sin(2.0 * 3.14159265358979 * 220.0 * double(i) / 44100.0);
  }
  return made;
}

double loudest(const Signal& signal, size_t from = 0) {
  double peak = 0.0;
  for (size_t i = from; i < signal.size(); ++i) peak = std::max(peak, std::abs(signal[i]));
  return peak;
}

double steepest(const Signal& signal) {
  double step = 0.0;
  for (size_t i = 1; i < signal.size(); ++i) {
    step = std::max(step, std::abs(signal[i] - signal[i - 1]));
  }
  return step;
}

// What was heard so far is answered, so that nothing is late however busy the machine.
void answered(Kernel& kernel, t_object* x) {
  kernel.serve(1ms);
  CHECK(instrument_of(x).settle(10000));
}

bool printed(const Kernel& kernel, const std::string& part) {
  const auto lines = kernel.console();
  return std::any_of(lines.begin(), lines.end(), [&](const ConsoleLine& line) {
    return line.text.find(part) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("one multichannel outlet has a channel for each of 1, 2, 4 and 8 parts") {
  for (const int count : {1, 2, 4, 8}) {
    CAPTURE(count);
    Kernel kernel;
    t_object* x = kernel.create("mini @backend echo @hop 1 @lead 1 @mc 1 @parts " + parts(count));
    CHECK(kernel.signal_outlets(x) == 1);
    CHECK(kernel.assist(x, ASSIST_OUTLET, 0).find("(multichannel signal) a") == 0);
    CHECK(kernel.assist(x, ASSIST_OUTLET, 1).find("status") == 0);
    REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
    kernel.dsp_on(44100, 64);
    CHECK(kernel.channels(x) == count);
    const auto heard = kernel.play(x, tone(44100), {64}, [&] { answered(kernel, x); }, 2048);
    REQUIRE(heard.size() == static_cast<size_t>(count));
    for (const Signal& channel : heard) CHECK(loudest(channel, 22050) > 0.4);
    kernel.destroy(x);
  }
}

TEST_CASE("channel k is part k, in the order of the parts, also after they changed") {
  Kernel kernel;
  t_object* x = kernel.create("choir @hop 1 @lead 1 @mc 1 @parts c a h b");
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  kernel.dsp_on(44100, 64);
  for (const std::string order : {"c a h b", "h g f e d c b a", "b", "a c"}) {
    CAPTURE(order);
    kernel.send(x, "parts " + order);
    const auto heard = kernel.play(x, tone(44100), {64}, [&] { answered(kernel, x); }, 2048);
    CHECK(kernel.channels(x) == static_cast<int>(order.size() + 1) / 2);
    for (size_t k = 0; 2 * k < order.size(); ++k) {
      CHECK(loudest(heard[k], 22050) == doctest::Approx(0.5 * choir_level(order.substr(2 * k))));
    }
  }
  kernel.destroy(x);
}

TEST_CASE("without mc there is an outlet for each part, of one channel") {
  Kernel kernel;
  t_object* x = kernel.create("mini @backend echo @parts a b c");
  kernel.dsp_on(44100, 64);
  CHECK(kernel.signal_outlets(x) == 3);
  CHECK(kernel.channels(x) == 3);
  kernel.destroy(x);
}

TEST_CASE("the number of parts changes while it plays: the chain follows, without a click") {
  Kernel kernel;
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 1 @mc 1 @parts a b");
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  kernel.dsp_on(44100, 64);
  const Signal music = tone(6 * 44100);
  int block = 0;
  const auto heard = kernel.play(
      x, music, {64},
      [&] {
        ++block;
        if (block == 30) kernel.send(x, "parts " + parts(8));
        if (block == 60) kernel.send(x, "parts c");
        if (block == 90) kernel.send(x, "parts " + parts(4));
        answered(kernel, x);
        if (block == 29) CHECK(kernel.channels(x) == 2);
        if (block == 31) CHECK(kernel.serve_until([&] { return kernel.channels(x) == 8; }, 10s));
        if (block == 61) CHECK(kernel.serve_until([&] { return kernel.channels(x) == 1; }, 10s));
        if (block == 91) CHECK(kernel.serve_until([&] { return kernel.channels(x) == 4; }, 10s));
      },
      2048);
  CHECK(kernel.channels(x) == 4);
  REQUIRE(heard.size() == 8);
  const double own = steepest(music);
  for (const Signal& channel : heard) CHECK(steepest(channel) < own + 0.5 / 400);
  CHECK(loudest(heard[0], 5 * 44100) > 0.4);
  CHECK(loudest(heard[3], 5 * 44100) > 0.4);
  CHECK(loudest(heard[4], 5 * 44100) == 0.0);
  CHECK(loudest(heard[7], 2 * 44100) > 0.0);
  CHECK(kernel.trespasses() == 0);
  CHECK(kernel.console().empty());
  kernel.destroy(x);
}

TEST_CASE("parts change while the audio runs by itself, and nothing falls over") {
  Kernel kernel;
  kernel.dsp_on(44100, 64);
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 1 @mc 1 @parts a");
  kernel.dsp_on(44100, 64);
  kernel.free_run(64, 4.0);
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  for (int round = 0; round < 12; ++round) {
    kernel.send(x, "parts " + parts(1 << (round % 4)));
    kernel.serve(20ms);
  }
  CHECK(kernel.serve_until([&] { return kernel.channels(x) == 8; }, 10s));
  kernel.halt();
  kernel.destroy(x);
}

TEST_CASE("a multichannel cord is heard as the mean of its channels, and another number of them too") {
  Kernel kernel;
  t_object* x = kernel.create("mini @backend echo @hop 1 @lead 1");
  REQUIRE(kernel.serve_until([&] { return kernel.said(x, "status ready"); }, 20s));
  kernel.dsp_on(44100, 64);
  for (const long channels : {1L, 2L, 5L, 1L}) {
    CAPTURE(channels);
    kernel.cord(x, 0, channels);
    const auto heard = kernel.play(x, tone(44100), {64}, [&] { answered(kernel, x); }, 2048);
    REQUIRE(heard.size() == 1);
    CHECK(loudest(heard[0], 22050) == doctest::Approx(0.5 / double(channels)).epsilon(0.001));
  }
  kernel.destroy(x);
}

TEST_CASE("whether there is one outlet is settled when the object is made") {
  Kernel kernel;
  t_object* x = kernel.create("mini @backend echo @parts a b");
  kernel.send(x, "mc 1");
  CHECK(printed(kernel, "write @mc 1 in a new one"));
  CHECK(kernel.get(x, "mc") == "0");
  kernel.send(x, "parts a b c");
  CHECK(printed(kernel, "or one with @mc 1"));
  kernel.destroy(x);
}
