#pragma once
// Pd's arrays as named sounds: one array for each channel. Pd's main thread.

#include <m_pd.h>

#include "host/sounds.h"

namespace sideman {

class PdArrays : public SoundStore {
 public:
  Status length(const Names& names, size_t channels, int64_t& samples) override;
  Status read(const std::string& name, Sound& sound) override;
  Status write(const Names& names, const Sound& sound) override;
};

}  // namespace sideman
