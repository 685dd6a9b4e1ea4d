#pragma once
// A host's transport as the engine wants it. Any thread; plain values.

namespace sideman {

// As hosts count: the tempo in quarter notes, bar and beat from 1, the rest of the beat in ticks.
struct HostTransport {
  bool running = false;
  double quarters_per_minute = 120.0;
  long bar = 1;
  long beat = 1;
  double ticks = 0.0;
  double ticks_per_quarter = 480.0;
  long beats_per_bar = 4;  // the time signature, over ...
  long beat_unit = 4;      // ... this
};

// As the engine counts: beats of the time signature, from the first downbeat.
struct BeatPosition {
  double bpm = 120.0;
  double beat = 0.0;
  int beats_per_bar = 4;
};

BeatPosition beat_position(const HostTransport& transport);

}  // namespace sideman
