#pragma once
// The buffer~ objects of a patcher as named sounds: one buffer~ holds all channels. Main thread.

#include "host/sounds.h"
#include "max/max_api.h"

#include "ext_buffer.h"

namespace sideman {

class MaxBuffers : public SoundStore {
 public:
  explicit MaxBuffers(t_object* owner) : owner_(owner) {}

  Status length(const Names& names, size_t channels, int64_t& samples) override;
  Status read(const std::string& name, Sound& sound) override;
  Status write(const Names& names, const Sound& sound) override;

 private:
  t_object* owner_;
};

}  // namespace sideman
