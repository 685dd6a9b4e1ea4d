#include "core/resampler.h"

#include <samplerate.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace sideman {

struct Resampler::State {
  State() : converter(src_new(SRC_SINC_MEDIUM_QUALITY, 1, nullptr)) {
    if (converter == nullptr) throw std::bad_alloc();
  }
  ~State() { src_delete(converter); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  SRC_STATE* converter;
};

namespace {

int convert(SRC_STATE* converter, double ratio, const float* in, int samples, float* out,
            int room) SIDEMAN_REALTIME {
  SRC_DATA data{};
  data.data_in = in;
  data.data_out = out;
  data.input_frames = samples;
  data.output_frames = room;
  data.src_ratio = ratio;
  src_process(converter, &data);
  return static_cast<int>(data.output_frames_gen);
}

// Measured, not derived: the filter's length is the library's affair. One sample at a time, through
// every phase between the two rates, shows the worst moment.
int measure_most_owed(SRC_STATE* converter, int64_t from, int64_t to) {
  constexpr int64_t steps = 16384;
  const double ratio = static_cast<double>(to) / static_cast<double>(from);
  std::vector<float> out(static_cast<size_t>(64 * (to / from + 1)));
  const float silence = 0.0f;
  int64_t made = 0;
  int64_t owed = 0;
  for (int64_t fed = 1; fed <= steps; ++fed) {
    made += convert(converter, ratio, &silence, 1, out.data(), static_cast<int>(out.size()));
    owed = std::max(owed, fed * to / from - made);
  }
  src_reset(converter);
  return static_cast<int>(owed);
}

// Each pair of rates is measured once: it takes some milliseconds, and every part needs it.
int most_owed_between(SRC_STATE* converter, int32_t from, int32_t to) {
  // Never destroyed: a worker left behind may still ask while the process ends.
  static auto& mutex = *new std::mutex;
  static auto& known = *new std::map<std::pair<int32_t, int32_t>, int>;
  const std::lock_guard lock(mutex);
  const auto [place, fresh] = known.try_emplace({from, to}, 0);
  if (fresh) place->second = measure_most_owed(converter, from, to);
  return place->second;
}

}  // namespace

Resampler::Resampler(int32_t from_rate, int32_t to_rate) : from_(from_rate), to_(to_rate) {
  if (bypass()) return;
  state_ = std::make_unique<State>();
  most_owed_ = most_owed_between(state_->converter, from_, to_);
}

Resampler::~Resampler() = default;
Resampler::Resampler(Resampler&&) noexcept = default;

int Resampler::most_made(int samples) const SIDEMAN_REALTIME {
  if (bypass()) return samples;
  return static_cast<int>(int64_t{samples} * to_ / from_) + most_owed_ + 8;
}

int Resampler::process(const float* in, int samples, float* out) SIDEMAN_REALTIME {
  if (bypass()) {
    std::copy_n(in, samples, out);
    return samples;
  }
  return convert(state_->converter, static_cast<double>(to_) / from_, in, samples, out,
                 most_made(samples));
}

}  // namespace sideman
