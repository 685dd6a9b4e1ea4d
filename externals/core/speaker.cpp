#include "core/speaker.h"

#include <algorithm>

namespace sideman {

Speaker::Speaker(int32_t host_rate, int32_t model_rate, int parts, int most_samples)
    : host_rate_(host_rate), model_rate_(model_rate) {
  if (host_rate == model_rate) return;
  const int most_taken =
      static_cast<int>(int64_t{most_samples} * model_rate / host_rate) + 1;
  for (int part = 0; part < parts; ++part) {
    resamplers_.emplace_back(model_rate, host_rate);
    model_.emplace_back(static_cast<size_t>(most_taken));
  }
  for (auto& samples : model_) model_out_.push_back(samples.data());
  // What is owed, and what rounding the taken samples down can hide: one model sample.
  delay_ = resamplers_[0].most_owed() + host_rate / model_rate + 2;
  queued_ = delay_;
  const int room = delay_ + resamplers_[0].most_made(most_taken);
  queue_.assign(static_cast<size_t>(parts), std::vector<float>(static_cast<size_t>(room)));
}

void Speaker::speak(Player& player, float* const* out, int samples, bool hold) SIDEMAN_REALTIME {
  if (host_rate_ == model_rate_) {
    player.play(out, samples, hold);
    return;
  }
  refill(player, samples, hold);
  for (size_t part = 0; part < queue_.size(); ++part) {
    float* queue = queue_[part].data();
    std::copy_n(queue, samples, out[part]);
    std::copy(queue + samples, queue + queued_, queue);
  }
  queued_ -= samples;
}

void Speaker::refill(Player& player, int samples, bool hold) SIDEMAN_REALTIME {
  spoken_ += samples;
  const int64_t due = spoken_ * model_rate_ / host_rate_;
  const int take = static_cast<int>(due - taken_);
  taken_ = due;
  player.play(model_out_.data(), take, hold);
  int made = 0;
  for (size_t part = 0; part < queue_.size(); ++part) {
    made = resamplers_[part].process(model_[part].data(), take, queue_[part].data() + queued_);
  }
  queued_ += made;
}

}  // namespace sideman
