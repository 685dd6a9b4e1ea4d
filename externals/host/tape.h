#pragma once
// Tape keeps what goes into an instrument and what comes out, sample for sample. The control thread
// makes it, with all its memory, and reads it when the audio thread is done with it.

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "core/realtime.h"
#include "host/sounds.h"

namespace sideman {

class Tape {
 public:
  Tape(size_t parts, int64_t samples, double rate) : room_(samples), sound_{{}, rate} {
    sound_.channels.resize(parts + 1);
    for (auto& channel : sound_.channels) channel.resize(static_cast<size_t>(samples));
  }

  // ---- audio thread ----
  // Before the parts are made: they may come in the same memory. A null pointer is silence.
  template <typename Sample>
  void hear(const Sample* music, int samples) SIDEMAN_REALTIME {
    if (music) keep(music, sound_.channels[0], samples);
  }
  template <typename Sample>
  void play(const Sample* const* parts, int count, int samples) SIDEMAN_REALTIME {
    for (size_t part = 1; part < sound_.channels.size() && part <= size_t(count); ++part) {
      keep(parts[part - 1], sound_.channels[part], samples);
    }
    written_.store(std::min(written() + samples, room_), std::memory_order_release);
  }

  // ---- any thread ----
  int64_t written() const SIDEMAN_REALTIME { return written_.load(std::memory_order_acquire); }
  bool full() const SIDEMAN_REALTIME { return written() == room_; }

  // ---- control thread, once the audio thread is done with it ----
  Sound take() {
    for (auto& channel : sound_.channels) channel.resize(static_cast<size_t>(written()));
    return std::move(sound_);
  }

 private:
  template <typename Sample>
  void keep(const Sample* from, std::vector<float>& to, int samples) SIDEMAN_REALTIME {
    const auto count = std::min<int64_t>(samples, room_ - written());
    for (int64_t i = 0; i < count; ++i) {
      to[static_cast<size_t>(written() + i)] = static_cast<float>(from[i]);
    }
  }

  const int64_t room_;
  Sound sound_;  // channel 0: the music; then the parts
  std::atomic<int64_t> written_{0};
};

}  // namespace sideman
