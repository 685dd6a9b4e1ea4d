#pragma once
// A player on its own: offers slots of a known signal at chosen moments and keeps what it plays.

#include <cmath>
#include <vector>

#include "core/player.h"
#include "support/signals.h"

namespace sideman::test {

inline constexpr Grid small_grid{.sample_rate = 44100,
                                 .frame_samples = 500,
                                 .hop_frames = 2,
                                 .lead_frames = 1,
                                 .window_frames = 8};
inline constexpr int small_fade = 100;

class PlayerBench {
 public:
  explicit PlayerBench(std::vector<float> signal, bool hold = false, int fade = small_fade)
      : signal_(std::move(signal)), hold_(hold), player_(small_grid, 2, fade, stats) {}

  // The slot of `hop`, cut from the signal at the slot's own time; part 1 is part 0 upside down.
  bool offer(int64_t hop, bool continuous = true) {
    const Interval slot = small_grid.slot(hop);
    std::vector<float> audio;
    for (const float sign : {1.0f, -1.0f}) {
      for (int64_t t = slot.begin; t < slot.end; ++t) audio.push_back(sign * at(t));
    }
    return player_.offer(slot, continuous, audio);
  }
  void play_to(int64_t position, int chunk = 64) {
    while (player_.position() < position) {
      const auto count = static_cast<int>(std::min<int64_t>(chunk, position - player_.position()));
      std::vector<float> first(static_cast<size_t>(count)), second(static_cast<size_t>(count));
      float* pointers[] = {first.data(), second.data()};
      player_.play(pointers, count, hold_);
      for (int i = 0; i < count; ++i) mirrored = mirrored && first[i] == -second[i];
      out.insert(out.end(), first.begin(), first.end());
    }
  }
  void set_hold(bool hold) { hold_ = hold; }
  float at(int64_t t) const { return signal_[static_cast<size_t>(t)]; }
  float played(int64_t t) const { return out[static_cast<size_t>(t)]; }
  bool exact(int64_t begin, int64_t end) const {
    for (int64_t t = begin; t < end; ++t) {
      if (played(t) != at(t)) return false;
    }
    return true;
  }
  bool silent(int64_t begin, int64_t end) const {
    for (int64_t t = begin; t < end; ++t) {
      if (played(t) != 0.0f) return false;
    }
    return true;
  }
  // Every sample is its own signal's sample, at most as loud: nothing was shifted.
  bool in_place() const {
    for (size_t t = 0; t < out.size(); ++t) {
      const float own = signal_[t];
      if (out[t] * own < 0.0f || std::abs(out[t]) > std::abs(own)) return false;
    }
    return true;
  }

  Stats stats;
  std::vector<float> out;
  bool mirrored = true;

 private:
  std::vector<float> signal_;
  bool hold_;
  Player player_;
};

}  // namespace sideman::test
