#pragma once
// What the engine tells its host. Events are made on the worker and control threads and read by
// `Engine::poll` on the host's control thread. The audio thread makes none: it counts (stats.h).

#include <cstdint>
#include <string>

#include "core/hop.h"

namespace sideman {

// The object's state as a user sees it; `status` is sent once per change.
enum class State { idle, loading, ready, late, lost, error };

const char* to_word(State state);

struct Event {
  enum class Kind {
    status,    // state changed: state, text (the reason, may be empty)
    progress,  // value in 0..1 while loading
    latency,   // samples (host rate) from inlet to outlet, frames of lead in `value`
    late,      // value: hops late so far
    backend,   // text: which backend plays
    clock,     // heard: the beat that begins, or what is thought of it now
    error,     // text: one line
    console    // text: one line of the model's own output
  };
  Kind kind = Kind::status;
  State state = State::idle;
  int64_t samples = 0;
  double value = 0.0;
  std::string text;
  HeardClock heard;
};

}  // namespace sideman
