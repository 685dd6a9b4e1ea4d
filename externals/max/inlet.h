#pragma once
// An inlet of sideman~ where a multichannel cord may end: it hears the mean of its channels.
//   main thread   expect()
//   audio thread  hear()

#include <array>
#include <atomic>
#include <cstddef>

#include "core/realtime.h"

namespace sideman {

class Inlet {
 public:
  // How many channels the chain that is being built brings; one that runs still may have others.
  void expect(long channels) { channels_.store(channels > 1 ? channels : 1); }
  long channels() const { return channels_.load(std::memory_order_relaxed); }

  // What is heard of `in`, the vectors of the channels. Of vectors longer than Max has, the first.
  const double* hear(const double* const* in, long samples) SIDEMAN_REALTIME {
    const long channels = this->channels();
    if (channels == 1 || samples > longest_vector) return in[0];
    const double share = 1.0 / static_cast<double>(channels);
    for (long i = 0; i < samples; ++i) {
      double sum = 0.0;
      for (long channel = 0; channel < channels; ++channel) sum += in[channel][i];
      mean_[static_cast<size_t>(i)] = share * sum;
    }
    return mean_.data();
  }

 private:
  static constexpr long longest_vector = 4096;

  std::atomic<long> channels_{1};
  std::array<double, longest_vector> mean_{};
};

}  // namespace sideman
