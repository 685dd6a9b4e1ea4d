#pragma once
// Speaker is the mouth: it takes from the player as many samples as the model's rate asks for and
// hands the host exactly as many as the host's rate asks for. Its delay is constant: a queue, primed
// once, covers what the resamplers owe. Audio thread, except for making it.

#include <cstdint>
#include <vector>

#include "core/player.h"
#include "core/realtime.h"
#include "core/resampler.h"

namespace sideman {

class Speaker {
 public:
  Speaker(int32_t host_rate, int32_t model_rate, int parts, int most_samples);

  // Samples at the host's rate between a sample of the player and the outlet.
  int delay() const SIDEMAN_REALTIME { return delay_; }
  // Writes `samples` per part.
  void speak(Player& player, float* const* out, int samples, bool hold) SIDEMAN_REALTIME;

 private:
  void refill(Player& player, int samples, bool hold) SIDEMAN_REALTIME;

  const int32_t host_rate_;
  const int32_t model_rate_;
  std::vector<Resampler> resamplers_;  // one per part
  int delay_ = 0;
  int64_t spoken_ = 0;  // host samples
  int64_t taken_ = 0;   // model samples
  std::vector<std::vector<float>> model_;  // one chunk per part, from the player
  std::vector<float*> model_out_;
  std::vector<std::vector<float>> queue_;  // per part, the first `queued_` samples are waiting
  int queued_ = 0;
};

}  // namespace sideman
