#pragma once
// What crosses the seam to a backend for one hop. Spans point into memory that the worker owns and
// are valid during `Backend::generate` only. Worker thread.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/grid.h"
#include "core/tags.h"

namespace sideman {

// Where the music is, at one sample position. `beat` counts from a downbeat.
struct Clock {
  bool known = false;
  double bpm = 120.0;
  double beat = 0.0;
  int32_t beats_per_bar = 4;
};

// What a backend that listens for the beat makes of it, at the end of the hop heard.
struct HeardClock {
  Clock clock;
  double confidence = 0.0;  // 0..1
};

// What is heard: the music, and beside it the sketch that steers the part.
inline constexpr int heard_channels = 2;

struct Controls {
  int32_t steps = -1;       // -1: the model's own
  double guidance = -1.0;   // -1: the model's own
  double temperature = -1.0;  // -1: the model's own
  Clock clock;              // at the first sample of the slot
  bool track = false;       // no other clock is known: the backend may listen for one
  std::vector<Tag> tags;
  std::string mode = "accompany";
  double inertia = 1.0;
  std::string sampler = "auto";
  double feedback = 0.0;
  double mix = 1.0;
  double patience = 1.0;  // beats of silence until an accompanist rests too; 0: never
};

struct HopRequest {
  int64_t hop_id = 0;
  Grid grid;
  int32_t channels = heard_channels;
  std::span<const float> window;  // [window_samples * channels], interleaved; its end is the hop's end
  Interval slot;
  Controls controls;
};

struct HopResult {
  std::span<float> audio;   // [parts * hop_samples], part after part; the backend fills all of it
  int32_t parts = 1;
  // False when this result does not continue the one before it (after a reset or a gap): the
  // player then fades instead of joining straight.
  bool continuous = true;
  HeardClock heard = {};  // unknown when the backend does not listen for the beat
};

}  // namespace sideman
