#pragma once
// FormatKeeper chooses how samples travel: as they are, until the way proves too narrow for that,
// then as int16 in half the bytes. A plain value; one thread at a time.

#include <algorithm>
#include <array>
#include <cstdint>

#include "backends/osc/bodies.h"

namespace sideman::osc {

class FormatKeeper {
 public:
  SampleFormat format() const { return format_; }
  // One hop was answered in time, or was not though the server is there.
  void hop(bool in_time) {
    late_[static_cast<size_t>(hops_++ % memory)] = !in_time;
    if (std::ranges::count(late_, true) >= enough) narrow();
  }
  void narrow() { format_ = SampleFormat::int16; }

 private:
  static constexpr int64_t memory = 16;
  static constexpr int64_t enough = 2;

  SampleFormat format_ = SampleFormat::float32;
  std::array<bool, memory> late_{};
  int64_t hops_ = 0;
};

}  // namespace sideman::osc
