#include "core/clock_keeper.h"

#include <algorithm>
#include <cmath>

namespace sideman {
namespace {

constexpr double slowest = 10.0;
constexpr double fastest = 500.0;
constexpr int longest_bar = 32;
constexpr double most_beats = 1e12;
constexpr double pause_bars = 5.0;  // between two beats that are told: what was counted is over

constexpr double fastest_of_hosts = 1000.0;  // in the units of its metre: 7/16 at 140 quarters is 560

bool sensible(double bpm) { return bpm >= slowest && bpm <= fastest; }

}  // namespace

const char* to_word(ClockSource source) {
  switch (source) {
    case ClockSource::none: return "none";
    case ClockSource::transport: return "transport";
    case ClockSource::hand: return "hand";
    case ClockSource::track: return "track";
  }
  return "none";
}

bool may_listen(std::string_view choice) { return choice == "auto" || choice == "track"; }

Status ClockKeeper::tempo(double bpm, double now) {
  if (!sensible(bpm)) return Status::invalid("tempo: needs beats per minute from 10 to 500");
  const std::lock_guard lock(mutex_);
  // A beat said before any tempo has waited at `moment`; beat_at lets it run from there.
  if (hand_.bpm > 0.0) hand_.beat = hand_.beat_at(now);
  if (hand_.bpm > 0.0 || !hand_.known) hand_.moment = now;
  hand_.bpm = bpm;
  hand_.known = true;
  taps_.forget();
  tapped_ = 0;
  return {};
}

Status ClockKeeper::beat(int beat_in_bar, double now) {
  const std::lock_guard lock(mutex_);
  if (beat_in_bar < 0 || beat_in_bar > hand_.beats_per_bar) {
    return Status::invalid("beat: needs a number from 1 to " +
                           std::to_string(hand_.beats_per_bar) + ", or none");
  }
  if ((now - hand_.moment) * hand_.bpm > 60.0 * pause_bars * hand_.beats_per_bar) {
    taps_.forget();
    tapped_ = 0;
  }
  const int beats = beats_since_tap(beat_in_bar, now);
  if (beat_in_bar == 0 && taps_.bounces(now, beats)) return {};
  const auto bpm = taps_.tap(now, beats);
  if (beat_in_bar > 0) {
    hand_.beat = beat_in_bar - 1;
  } else {
    hand_.beat = bpm ? hand_.beat + 1.0 : std::round(hand_.beat_at(now));
  }
  if (bpm) hand_.bpm = *bpm;
  hand_.moment = now;
  hand_.known = true;
  tapped_ = beat_in_bar;
  return {};
}

// Two numbers tell how many beats lie between them but for whole bars; those the tempo tells.
int ClockKeeper::beats_since_tap(int beat_in_bar, double now) const {
  if (beat_in_bar == 0 || tapped_ == 0) return 1;
  const int bar = hand_.beats_per_bar;
  const int least = (beat_in_bar - tapped_ + bar - 1) % bar + 1;
  const double elapsed = (now - hand_.moment) * hand_.bpm / 60.0;
  return least + bar * std::max(0, static_cast<int>(std::lround((elapsed - least) / bar)));
}

Status ClockKeeper::meter(int beats_per_bar, double now) {
  if (beats_per_bar < 1 || beats_per_bar > longest_bar) {
    return Status::invalid("meter: needs 1 to 32 beats per bar");
  }
  const std::lock_guard lock(mutex_);
  if (hand_.known && hand_.bpm > 0.0) {
    // The bars so far were of the old length; who says it half a beat early means the bar to come.
    const double bar = hand_.beats_per_bar;
    hand_.beat -= bar * std::floor((hand_.beat_at(now) + 0.5) / bar);
  }
  hand_.beats_per_bar = beats_per_bar;
  tapped_ = 0;
  return {};
}

void ClockKeeper::transport(bool running, double bpm, double beat, int beats_per_bar, double now) {
  const bool bar_known = beats_per_bar >= 1 && beats_per_bar <= longest_bar;
  const std::lock_guard lock(mutex_);
  const bool plausible = bpm >= slowest && bpm <= fastest_of_hosts && std::isfinite(beat);
  host_ = {.known = running && plausible,
           .bpm = bpm,
           .beat = beat,
           .beats_per_bar = bar_known ? beats_per_bar : 4,
           .moment = now};
}

void ClockKeeper::pass(double seconds) {
  const std::lock_guard lock(mutex_);
  hand_.moment -= seconds;
  taps_.pass(seconds);
}

void ClockKeeper::heard(const HeardClock& clock, double moment) {
  const std::lock_guard lock(mutex_);
  heard_ = clock;
  heard_moment_ = moment;
  const Clock& said = clock.clock;
  heard_.clock.known = said.known && sensible(said.bpm) && std::abs(said.beat) < most_beats &&
                       said.beats_per_bar >= 1 && said.beats_per_bar <= longest_bar;
}

HeardClock ClockKeeper::heard_at(double moment) const {
  const std::lock_guard lock(mutex_);
  HeardClock now = heard_;
  now.clock.beat += (moment - heard_moment_) * now.clock.bpm / 60.0;
  return now;
}

const ClockKeeper::Said* ClockKeeper::said(std::string_view choice) const {
  if (choice == "off" || choice == "track") return nullptr;
  if (host_.known) return &host_;
  return choice == "auto" && hand_.known && sensible(hand_.bpm) ? &hand_ : nullptr;
}

Clock ClockKeeper::at(double moment, std::string_view choice) const {
  const std::lock_guard lock(mutex_);
  const Said* now = said(choice);
  if (now == nullptr) return {};
  return {.known = true,
          .bpm = now->bpm,
          .beat = now->beat_at(moment),
          .beats_per_bar = now->beats_per_bar};
}

ClockKeeper::Reading ClockKeeper::reading(std::string_view choice) const {
  const std::lock_guard lock(mutex_);
  if (const Said* now = said(choice)) {
    return {now == &host_ ? ClockSource::transport : ClockSource::hand, now->bpm, 1.0,
            now->beats_per_bar};
  }
  if (!may_listen(choice) || !heard_.clock.known) return {};
  return {ClockSource::track, heard_.clock.bpm, heard_.confidence, heard_.clock.beats_per_bar};
}

}  // namespace sideman
