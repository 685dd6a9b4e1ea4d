#pragma once
// Shelf is a host's named sounds for tests: a map, and how many names a set of channels needs.

#include <map>
#include <string>

#include "host/sounds.h"

namespace sideman::test {

class Shelf : public SoundStore {
 public:
  Status length(const Names& names, size_t, int64_t& samples) override {
    if (!sounds.count(names.front())) return Status::invalid("no sound " + names.front());
    const auto& channels = sounds[names.front()].channels;
    samples = channels.empty() ? 0 : static_cast<int64_t>(channels.front().size());
    return {};
  }
  Status read(const std::string& name, Sound& sound) override {
    if (!sounds.count(name)) return Status::invalid("no sound " + name);
    sound = sounds[name];
    return {};
  }
  Status write(const Names& names, const Sound& sound) override {
    if (full) return Status::failed("no room");
    if (busy > 0) {
      --busy;
      return Status::unavailable("not yet");
    }
    sounds[names.front()] = sound;
    return {};
  }

  std::map<std::string, Sound> sounds;
  bool full = false;
  int busy = 0;  // how often it is not ready yet
};

}  // namespace sideman::test
