#pragma once
// ClockKeeper remembers what was last said about tempo, beat and bar, and when, and carries it
// forward to the moment a slot will sound; and what a backend heard of them. Control threads say,
// the worker asks and brings what was heard. Moments are seconds on the stage's clock, the one place
// in the core where time is not a sample count, because it must outlive changes of rate and stream.

#include <mutex>
#include <string_view>

#include "core/hop.h"
#include "core/status.h"
#include "core/tap_tempo.h"

namespace sideman {

enum class ClockSource { none, transport, hand, track };

const char* to_word(ClockSource source);

// The setting `clock` lets a backend listen for the beat when no other clock is known.
bool may_listen(std::string_view choice);

class ClockKeeper {
 public:
  // By hand. A tempo keeps the beat running through the change; the first one starts at beat 0.
  Status tempo(double bpm, double now);
  // A beat now: its number in the bar from 1, or 0 for the one after the last tap, or else whichever
  // is nearest. Taps set the tempo from the second one on; `tempo` ends their series. One without a
  // number that comes too soon to be meant, as from a switch that bounces, changes nothing.
  Status beat(int beat_in_bar, double now);
  // The bar of now goes on in the new metre.
  Status meter(int beats_per_bar, double now);
  void transport(bool running, double bpm, double beat, int beats_per_bar, double now);
  // The stage's clock has stood still for so long, and the band played on.
  void pass(double seconds);

  // What was heard until `moment`; an unknown clock takes back what was heard before.
  void heard(const HeardClock& clock, double moment);
  // The same, carried forward.
  HeardClock heard_at(double moment) const;

  // What was said, for the setting `clock`.
  Clock at(double moment, std::string_view choice) const;
  // Who says it, or is heard; the confidence of what is said is 1.
  struct Reading {
    ClockSource source = ClockSource::none;
    double bpm = 0.0;
    double confidence = 0.0;
    int beats_per_bar = 4;
  };
  Reading reading(std::string_view choice) const;

 private:
  struct Said {
    bool known = false;
    double bpm = 0.0;
    double beat = 0.0;
    int beats_per_bar = 4;
    double moment = 0.0;

    double beat_at(double when) const { return beat + (when - moment) * bpm / 60.0; }
  };

  // Null when nobody said enough for `choice`.
  const Said* said(std::string_view choice) const;
  int beats_since_tap(int beat_in_bar, double now) const;

  mutable std::mutex mutex_;
  Said hand_;
  Said host_;
  TapTempo taps_;
  int tapped_ = 0;  // the number of the last tap in its bar; 0: it had none
  HeardClock heard_;
  double heard_moment_ = 0.0;
};

}  // namespace sideman
