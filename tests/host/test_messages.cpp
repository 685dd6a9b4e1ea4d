#include <doctest/doctest.h>

#include "host/messages.h"

using namespace sideman;

namespace {

Event event_of(Event::Kind kind, std::string text = {}, double value = 0.0, int64_t samples = 0) {
  Event event;
  event.kind = kind;
  event.text = std::move(text);
  event.value = value;
  event.samples = samples;
  return event;
}

std::vector<std::string> names_of(const std::vector<Message>& messages) {
  std::vector<std::string> names;
  for (const Message& message : messages) {
    names.push_back(std::get<std::string>(message.atoms.at(0)));
  }
  return names;
}

}  // namespace

TEST_CASE("events become outlet messages as the README states them") {
  Event status = event_of(Event::Kind::status);
  status.state = State::ready;
  CHECK(messages_of(status, 44100)[0] == Message{"status", {std::string("ready")}});
  CHECK(messages_of(event_of(Event::Kind::progress, {}, 0.5), 44100)[0] ==
        Message{"progress", {0.5}});
  CHECK(messages_of(event_of(Event::Kind::latency, {}, 3, 24000), 48000)[0] ==
        Message{"latency", {int64_t{24000}, 500.0}});
  CHECK(messages_of(event_of(Event::Kind::late, {}, 2), 44100)[0] ==
        Message{"late", {int64_t{2}}});
  CHECK(messages_of(event_of(Event::Kind::backend, "echo"), 44100)[0] ==
        Message{"backend", {std::string("echo")}});
  CHECK(messages_of(event_of(Event::Kind::console, "hello"), 44100).empty());
}

TEST_CASE("a beat that was heard is told with its number in the bar, from 1") {
  Event event = event_of(Event::Kind::clock);
  const auto told = [&](double beat, int bar) {
    event.heard = {.clock = {.known = true, .bpm = 120.0, .beat = beat, .beats_per_bar = bar},
                   .confidence = 0.75};
    return messages_of(event, 44100);
  };
  CHECK(told(0.0, 4) == std::vector<Message>{{"clock", {120.0, int64_t{1}, 0.75}}});
  CHECK(told(7.9, 4)[0].atoms[1] == Atom{int64_t{4}});
  CHECK(told(7.9, 3)[0].atoms[1] == Atom{int64_t{2}});
  CHECK(told(-0.25, 3)[0].atoms[1] == Atom{int64_t{3}});
  CHECK(lines_of(event).empty());
}

TEST_CASE("an error is one line on the console and one message, whatever the state says as well") {
  const Event error = event_of(Event::Kind::error, "the model failed: no memory; use a smaller one");
  Event state = event_of(Event::Kind::status, error.text);
  state.state = State::error;
  REQUIRE(lines_of(error).size() == 1);
  CHECK(lines_of(error)[0].loudness == Loudness::error);
  CHECK(lines_of(state).empty());
  CHECK(messages_of(error, 44100).size() == 1);
}

TEST_CASE("a state with a reason is told at the console, as a warning unless it is good news") {
  Event state = event_of(Event::Kind::status, "the model does not answer");
  state.state = State::lost;
  REQUIRE(lines_of(state).size() == 1);
  CHECK(lines_of(state)[0].loudness == Loudness::warning);
  state.state = State::ready;
  CHECK(lines_of(state)[0].loudness == Loudness::note);
}

TEST_CASE("info sends the promised names in order and closes with end") {
  EngineInfo info;
  info.grid.hop_frames = 2;
  info.latency_samples = 4800;
  info.model.tags = {"rock", "pop"};
  info.clock_source = ClockSource::track;
  info.clock_bpm = 96.5;
  info.clock_confidence = 0.75;
  StatsSnapshot stats;
  stats.silent_samples = 441;
  Settings settings;
  settings.parts = {"bass", "drums"};
  const std::vector<Message> messages = info_messages(info, stats, settings, 48000);
  CHECK(names_of(messages) ==
        std::vector<std::string>{"state", "backend", "model", "parts", "tags", "model_rate",
                                 "frame_samples", "hop_frames", "lead_frames", "window_frames",
                                 "reaction_ms", "latency_samples", "latency_ms", "realtime_factor",
                                 "hops", "late", "missed", "failed", "silent_ms", "latency_p50_ms",
                                 "latency_p95_ms", "latency_max_ms", "clock_source", "clock_bpm",
                                 "clock_confidence", "end"});
  CHECK(messages[3].atoms.size() == 3);
  CHECK(messages[4].atoms == Atoms{std::string("tags"), std::string("rock"), std::string("pop")});
  CHECK(messages[7].atoms[1] == Atom{int64_t{2}});
  CHECK(messages[12].atoms[1] == Atom{100.0});
  CHECK(messages[18].atoms[1] == Atom{10.0});
  CHECK(messages[22].atoms[1] == Atom{std::string("track")});
  CHECK(messages[23].atoms[1] == Atom{96.5});
  CHECK(messages[24].atoms[1] == Atom{0.75});
}

TEST_CASE("bench says whether the machine keeps up") {
  EngineInfo info;
  info.realtime_factor = 0.25;
  CHECK(bench_messages(info)[4].atoms[1] == Atom{int64_t{1}});
  info.realtime_factor = 1.25;
  CHECK(bench_messages(info)[4].atoms[1] == Atom{int64_t{0}});
  CHECK(names_of(bench_messages(info)).back() == "end");
}
