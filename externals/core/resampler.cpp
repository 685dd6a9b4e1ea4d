#include "core/resampler.h"

#include <samplerate.h>

#include <algorithm>
#include <new>
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

Resampler::Resampler(int32_t from_rate, int32_t to_rate) : from_(from_rate), to_(to_rate) {
  if (bypass()) return;
  most_owed_ = measure_most_owed();
  state_ = std::make_unique<State>();
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
  SRC_DATA data{};
  data.data_in = in;
  data.data_out = out;
  data.input_frames = samples;
  data.output_frames = most_made(samples);
  data.src_ratio = static_cast<double>(to_) / from_;
  src_process(state_->converter, &data);
  return static_cast<int>(data.output_frames_gen);
}

// Measured, not derived: the filter's length is the library's affair. Feeding one sample at a time
// for longer than its inner buffer shows the worst moment.
int Resampler::measure_most_owed() const {
  const int64_t steps = int64_t{16384};
  const auto room = static_cast<size_t>(std::max<int64_t>(to_ / from_, 1) * 4096);
  State state;
  std::vector<float> out(room);
  const float silence = 0.0f;
  int64_t made = 0;
  int64_t owed = 0;
  for (int64_t fed = 1; fed <= steps; ++fed) {
    SRC_DATA data{};
    data.data_in = &silence;
    data.data_out = out.data();
    data.input_frames = 1;
    data.output_frames = static_cast<long>(room);
    data.src_ratio = static_cast<double>(to_) / from_;
    src_process(state.converter, &data);
    made += data.output_frames_gen;
    owed = std::max(owed, fed * to_ / from_ - made);
  }
  return static_cast<int>(owed);
}

}  // namespace sideman
