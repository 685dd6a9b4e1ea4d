#pragma once
// Resampler turns one channel at one rate into the same at another, without shifting it: output k
// lies at input time k * from / to. It owes some output at any moment, because its filter looks
// ahead; `most_owed` is a constant, so whoever needs a steady flow primes a queue with that many
// samples. Equal rates: a copy, bit for bit. Allocates when made only; used by one thread at a time.

#include <cstdint>
#include <memory>

#include "core/realtime.h"

namespace sideman {

class Resampler {
 public:
  Resampler(int32_t from_rate, int32_t to_rate);
  ~Resampler();
  Resampler(Resampler&&) noexcept;

  bool bypass() const SIDEMAN_REALTIME { return from_ == to_; }
  // Takes all of the input and returns how many samples it made; never more than
  // `most_made(samples)`, which `out` must hold.
  int process(const float* in, int samples, float* out) SIDEMAN_REALTIME;
  int most_made(int samples) const SIDEMAN_REALTIME;
  // The most that floor(input samples * to / from) is ever ahead of what was made.
  int most_owed() const SIDEMAN_REALTIME { return most_owed_; }

 private:
  struct State;

  int32_t from_;
  int32_t to_;
  std::unique_ptr<State> state_;
  int most_owed_ = 0;
};

}  // namespace sideman
