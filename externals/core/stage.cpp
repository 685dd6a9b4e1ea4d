#include "core/stage.h"

#include <algorithm>

namespace sideman {

Stage::Stage(int parts)
    : heard_(heard_channels, std::vector<float>(chunk_samples)),
      played_(static_cast<size_t>(parts), std::vector<float>(chunk_samples)) {
  for (auto& samples : heard_) heard_in_.push_back(samples.data());
  for (auto& samples : played_) played_out_.push_back(samples.data());
}

void Stage::publish(std::shared_ptr<Stream> stream, Change change) {
  const std::lock_guard lock(mutex_);
  newest_ = stream;
  if (change == Change::at_once) at_once_.store(true, std::memory_order_relaxed);
  Stream* displaced = pending_.exchange(stream.get(), std::memory_order_acq_rel);
  if (displaced != nullptr) drop(displaced);
  alive_.push_back(std::move(stream));
}

std::shared_ptr<Stream> Stage::newest() const {
  const std::lock_guard lock(mutex_);
  return newest_;
}

void Stage::free_retired() {
  const std::lock_guard lock(mutex_);
  Stream* stream = nullptr;
  while (retired_.try_pop(stream)) drop(stream);
}

void Stage::drop(const Stream* stream) {
  std::erase_if(alive_, [stream](const auto& one) { return one.get() == stream; });
}

template <typename T>
void Stage::process(const T* const* in, T* const* out, int outs, int samples) SIDEMAN_REALTIME {
  double now = now_.load(std::memory_order_relaxed);
  for (int done = 0; done < samples;) {
    const int count = std::min(chunk_samples, samples - done);
    for (size_t inlet = 0; inlet < heard_.size(); ++inlet) {
      const T* vector = in[inlet];
      float* heard = heard_[inlet].data();
      for (int i = 0; i < count; ++i) {
        heard[i] = vector != nullptr ? static_cast<float>(vector[done + i]) : 0.0f;
      }
    }
    render(count);
    const int parts = sounding_parts_.load(std::memory_order_relaxed);
    for (int part = 0; part < outs; ++part) {
      if (part >= parts) {
        std::fill_n(out[part] + done, count, T{0});
        continue;
      }
      const float* played = played_[static_cast<size_t>(part)].data();
      for (int i = 0; i < count; ++i) out[part][done + i] = static_cast<T>(played[i]);
    }
    done += count;
    now += static_cast<double>(count) / host_rate_.load(std::memory_order_relaxed);
    now_.store(now, std::memory_order_release);
  }
}

void Stage::render(int samples) SIDEMAN_REALTIME {
  change_stream();
  if (playing_ == nullptr) return;
  if (rises_.load(std::memory_order_relaxed)) {
    rises_.store(false, std::memory_order_relaxed);
    playing_->rise();
  }
  const bool leaving = pending_.load(std::memory_order_relaxed) != nullptr;
  playing_->render(heard_in_.data(), played_out_.data(), samples,
                   {.audible = !leaving && audible_.load(std::memory_order_relaxed),
                    .hold = hold_.load(std::memory_order_relaxed)});
}

void Stage::change_stream() SIDEMAN_REALTIME {
  if (pending_.load(std::memory_order_acquire) == nullptr) return;
  const bool at_once = at_once_.load(std::memory_order_relaxed) || playing_ == nullptr;
  if (playing_ != nullptr && ((!at_once && !playing_->faded_out()) || retired_.full())) return;
  at_once_.store(false, std::memory_order_relaxed);
  Stream* next = pending_.exchange(nullptr, std::memory_order_acq_rel);
  if (playing_ != nullptr) retired_.try_push(playing_);
  playing_ = next;
  sounding_parts_.store(static_cast<int>(next->plan().parts.size()), std::memory_order_release);
  next->start(now_.load(std::memory_order_relaxed), audible_.load(std::memory_order_relaxed));
}

template void Stage::process(const float* const*, float* const*, int, int) SIDEMAN_REALTIME;
template void Stage::process(const double* const*, double* const*, int, int) SIDEMAN_REALTIME;

}  // namespace sideman
