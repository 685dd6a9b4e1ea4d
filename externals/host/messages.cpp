#include "host/messages.h"

#include <algorithm>
#include <cmath>

#include "core/plan.h"

namespace sideman {

namespace {

double milliseconds(double samples, double rate) {
  return rate > 0.0 ? 1000.0 * samples / rate : 0.0;
}

Message figure(std::string_view selector, std::string name, Atom value) {
  return {std::string(selector), {std::move(name), std::move(value)}};
}

Message words(std::string_view selector, std::string name, const std::vector<std::string>& list) {
  Message message{std::string(selector), {std::move(name)}};
  message.atoms.insert(message.atoms.end(), list.begin(), list.end());
  return message;
}

// The beat in its bar, from 1.
int64_t beat_in_bar(const Clock& clock) {
  const int64_t bar = std::max(clock.beats_per_bar, 1);
  const auto beat = static_cast<int64_t>(std::floor(clock.beat));
  return (beat % bar + bar) % bar + 1;
}

Message ending(std::string_view selector) { return {std::string(selector), {std::string("end")}}; }

}  // namespace

std::vector<Message> messages_of(const Event& event, double host_rate) {
  using Kind = Event::Kind;
  switch (event.kind) {
    case Kind::status:
      return {{"status", {std::string(to_word(event.state))}}};
    case Kind::progress:
      return {{"progress", {event.value}}};
    case Kind::latency:
      return {{"latency",
               {event.samples, milliseconds(static_cast<double>(event.samples), host_rate)}}};
    case Kind::late:
      return {{"late", {number_atom(event.value)}}};
    case Kind::backend:
      return {{"backend", {event.text}}};
    case Kind::clock:
      return {{"clock",
               {event.heard.clock.bpm, beat_in_bar(event.heard.clock), event.heard.confidence}}};
    case Kind::error:
      return {{"error", {event.text}}};
    case Kind::console:
      return {};
  }
  return {};
}

std::vector<Line> lines_of(const Event& event) {
  using Kind = Event::Kind;
  if (event.text.empty()) {
    return {};
  }
  switch (event.kind) {
    case Kind::error:
      return {{Loudness::error, event.text}};
    case Kind::status:
      // An error state has its own event; a second line would say it twice.
      if (event.state == State::error) {
        return {};
      }
      return {{event.state == State::ready ? Loudness::note : Loudness::warning, event.text}};
    case Kind::latency:
    case Kind::console:
      return {{Loudness::note, event.text}};
    default:
      return {};
  }
}

std::vector<Message> info_messages(const EngineInfo& info, const StatsSnapshot& stats,
                                   const Settings& settings, double host_rate) {
  const std::string_view says = "info";
  const Grid& grid = info.grid;
  return {
      figure(says, "state", std::string(to_word(info.state))),
      figure(says, "backend", info.backend.empty() ? settings.backend : info.backend),
      figure(says, "model", info.model.name.empty() ? settings.model : info.model.name),
      words(says, "parts", parts_of(settings, info.model)),
      words(says, "tags", info.model.tags),
      figure(says, "model_rate", int64_t{grid.sample_rate}),
      figure(says, "frame_samples", int64_t{grid.frame_samples}),
      figure(says, "hop_frames", int64_t{grid.hop_frames}),
      figure(says, "lead_frames", int64_t{grid.lead_frames}),
      figure(says, "window_frames", int64_t{grid.window_frames}),
      figure(says, "reaction_ms", info.reaction_ms),
      figure(says, "latency_samples", info.latency_samples),
      figure(says, "latency_ms",
             milliseconds(static_cast<double>(info.latency_samples), host_rate)),
      figure(says, "realtime_factor", info.realtime_factor),
      figure(says, "hops", stats.hops),
      figure(says, "late", stats.late),
      figure(says, "missed", stats.missed),
      figure(says, "failed", stats.failed),
      figure(says, "silent_ms",
             milliseconds(static_cast<double>(stats.silent_samples), grid.sample_rate)),
      figure(says, "latency_p50_ms", stats.latency_p50_ms),
      figure(says, "latency_p95_ms", stats.latency_p95_ms),
      figure(says, "latency_max_ms", stats.latency_max_ms),
      figure(says, "clock_source", std::string(to_word(info.clock_source))),
      figure(says, "clock_bpm", info.clock_bpm),
      figure(says, "clock_confidence", info.clock_confidence),
      ending(says),
  };
}

std::vector<Message> bench_messages(const EngineInfo& info) {
  const std::string_view says = "bench";
  const Grid& grid = info.grid;
  return {
      figure(says, "realtime_factor", info.realtime_factor),
      figure(says, "hop_ms", milliseconds(static_cast<double>(grid.hop_samples()), grid.sample_rate)),
      figure(says, "lead_ms",
             milliseconds(static_cast<double>(grid.lead_samples()), grid.sample_rate)),
      figure(says, "reaction_ms", info.reaction_ms),
      figure(says, "keeps_up", int64_t{info.realtime_factor < 1.0 ? 1 : 0}),
      ending(says),
  };
}

}  // namespace sideman
