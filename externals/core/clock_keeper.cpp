#include "core/clock_keeper.h"

#include <cmath>

namespace sideman {
namespace {

constexpr double slowest = 10.0;
constexpr double fastest = 500.0;
constexpr int longest_bar = 32;

bool sensible(double bpm) { return bpm >= slowest && bpm <= fastest; }

}  // namespace

Status ClockKeeper::tempo(double bpm, double now) {
  if (!sensible(bpm)) return Status::invalid("tempo: needs beats per minute from 10 to 500");
  const std::lock_guard lock(mutex_);
  // A beat said before any tempo has waited at `moment`; beat_at lets it run from there.
  if (hand_.bpm > 0.0) hand_.beat = hand_.beat_at(now);
  if (hand_.bpm > 0.0 || !hand_.known) hand_.moment = now;
  hand_.bpm = bpm;
  hand_.known = true;
  return {};
}

Status ClockKeeper::beat(int beat_in_bar, double now) {
  const std::lock_guard lock(mutex_);
  if (beat_in_bar < 0 || beat_in_bar > hand_.beats_per_bar) {
    return Status::invalid("beat: needs a number from 1 to " +
                           std::to_string(hand_.beats_per_bar) + ", or none");
  }
  hand_.beat = beat_in_bar > 0 ? beat_in_bar - 1 : std::round(hand_.beat_at(now));
  hand_.moment = now;
  hand_.known = true;
  return {};
}

Status ClockKeeper::meter(int beats_per_bar) {
  if (beats_per_bar < 1 || beats_per_bar > longest_bar) {
    return Status::invalid("meter: needs 1 to 32 beats per bar");
  }
  const std::lock_guard lock(mutex_);
  hand_.beats_per_bar = beats_per_bar;
  return {};
}

void ClockKeeper::transport(bool running, double bpm, double beat, int beats_per_bar, double now) {
  const bool bar_known = beats_per_bar >= 1 && beats_per_bar <= longest_bar;
  const std::lock_guard lock(mutex_);
  host_ = {.known = running && sensible(bpm) && std::isfinite(beat),
           .bpm = bpm,
           .beat = beat,
           .beats_per_bar = bar_known ? beats_per_bar : 4,
           .moment = now};
}

Clock ClockKeeper::at(double moment, std::string_view choice) const {
  const std::lock_guard lock(mutex_);
  const Said& said = host_.known || choice == "transport" ? host_ : hand_;
  if (choice == "off" || !said.known || !sensible(said.bpm)) return {};
  return {.known = true,
          .bpm = said.bpm,
          .beat = said.beat_at(moment),
          .beats_per_bar = said.beats_per_bar};
}

}  // namespace sideman
