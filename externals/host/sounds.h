#pragma once
// Sounds that the host keeps by name: buffer~ in Max, arrays in Pure Data. Control thread.

#include <cstdint>
#include <string>
#include <vector>

#include "core/status.h"

namespace sideman {

struct Sound {
  std::vector<std::vector<float>> channels;
  double rate = 0.0;
};

// Its channels as one, as the inlet hears them: their mean.
std::vector<float> mixed_down(const Sound& sound);

using Names = std::vector<std::string>;

class SoundStore {
 public:
  virtual ~SoundStore() = default;

  // Samples of a sound that is to be overwritten; refused when there is none of that name, or when
  // its channels need another number of names.
  virtual Status length(const Names& names, size_t channels, int64_t& samples) = 0;
  virtual Status read(const std::string& name, Sound& sound) = 0;
  // Makes the named sound as long and as wide as this one, and fills it. `unavailable`: not yet, ask
  // again in a moment.
  virtual Status write(const Names& names, const Sound& sound) = 0;
};

}  // namespace sideman
