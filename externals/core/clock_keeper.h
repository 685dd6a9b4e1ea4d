#pragma once
// ClockKeeper remembers what was last said about tempo, beat and bar, and when, and carries it
// forward to the moment a slot will sound. Control threads say, the worker asks. Moments are seconds
// on the stage's clock, the one place in the core where time is not a sample count, because it must
// outlive changes of rate and stream.

#include <mutex>
#include <string_view>

#include "core/hop.h"
#include "core/status.h"

namespace sideman {

class ClockKeeper {
 public:
  // By hand. A tempo keeps the beat running through the change; the first one starts at beat 0.
  Status tempo(double bpm, double now);
  // A beat now: its number in the bar from 1, or 0 for whichever is nearest.
  Status beat(int beat_in_bar, double now);
  Status meter(int beats_per_bar);
  void transport(bool running, double bpm, double beat, int beats_per_bar, double now);

  // `choice`: auto, transport or off (the setting `clock`).
  Clock at(double moment, std::string_view choice) const;

 private:
  struct Said {
    bool known = false;
    double bpm = 0.0;
    double beat = 0.0;
    int beats_per_bar = 4;
    double moment = 0.0;

    double beat_at(double when) const { return beat + (when - moment) * bpm / 60.0; }
  };

  mutable std::mutex mutex_;
  Said hand_;
  Said host_;
};

}  // namespace sideman
